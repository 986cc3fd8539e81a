//! Logos: whatever image comes in, a small PNG of our own making goes out.
//!
//! Decoding and encoding anew drops everything that is not pixels (scripts, metadata, a second format hidden in the
//! first). SVG is refused: it is a program.

use image_webp::WebPDecoder;
use std::io::Cursor;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Largest upload, in bytes.
pub const MAX_LOGO_BYTES: usize = 1_048_576;
/// Largest side, in pixels.
pub const MAX_LOGO_SIDE: usize = 4_096;
/// The side that is kept: what the largest page shows, twice over.
const KEPT_SIDE: usize = 256;

/// Why an upload cannot be a logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// Nothing was chosen.
    #[error("Choose a picture first.")]
    Empty,
    /// Too many bytes.
    #[error("The picture is larger than 1 MiB. Save it smaller and try again.")]
    TooLarge,
    /// Too many pixels.
    #[error("The picture is wider or higher than 4,096 pixels. Scale it down and try again.")]
    TooManyPixels,
    /// Not one of the formats, or damaged.
    #[error("The file is not a PNG, JPEG or WebP picture, or it is damaged.")]
    NotAPicture,
}

/// A logo, ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// SHA-256 of the PNG in hexadecimal: its name.
    pub digest: String,
    /// The PNG.
    pub png: Vec<u8>,
}

/// Pixels, four bytes each (red, green, blue, alpha).
struct Pixels {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

/// Reads an upload by its content, never by its name, and makes a PNG of at most 256 pixels a side of it.
///
/// # Errors
/// [`LogoError`] in words for the person who chose the file.
pub fn reencode(upload: &[u8]) -> Result<Logo, LogoError> {
    match upload.len() {
        0 => return Err(LogoError::Empty),
        n if n > MAX_LOGO_BYTES => return Err(LogoError::TooLarge),
        _ => {}
    }
    let pixels = match upload {
        [0x89, b'P', b'N', b'G', ..] => decode_png(upload),
        [0xff, 0xd8, 0xff, ..] => decode_jpeg(upload),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => decode_webp(upload),
        _ => Err(LogoError::NotAPicture),
    }?;
    let png = encode(&shrink(pixels)).ok_or(LogoError::NotAPicture)?;
    Ok(Logo {
        digest: hex_digest(&png),
        png,
    })
}

fn check_sides(width: usize, height: usize) -> Result<(), LogoError> {
    if width == 0 || height == 0 {
        Err(LogoError::NotAPicture)
    } else if width > MAX_LOGO_SIDE || height > MAX_LOGO_SIDE {
        Err(LogoError::TooManyPixels)
    } else {
        Ok(())
    }
}

fn decode_png(bytes: &[u8]) -> Result<Pixels, LogoError> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| LogoError::NotAPicture)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    check_sides(width, height)?;
    let size = reader.output_buffer_size().ok_or(LogoError::TooManyPixels)?;
    let mut bytes = vec![0; size];
    let frame = reader
        .next_frame(&mut bytes)
        .map_err(|_| LogoError::NotAPicture)?;
    bytes.truncate(frame.buffer_size());
    let rgba = match frame.color_type {
        png::ColorType::Grayscale => to_rgba(&bytes, |[y]: [u8; 1]| [y, y, y, 255]),
        png::ColorType::GrayscaleAlpha => to_rgba(&bytes, |[y, a]: [u8; 2]| [y, y, y, a]),
        png::ColorType::Rgb => to_rgba(&bytes, |[r, g, b]: [u8; 3]| [r, g, b, 255]),
        png::ColorType::Rgba => bytes,
        png::ColorType::Indexed => return Err(LogoError::NotAPicture),
    };
    whole(width, height, rgba)
}

fn decode_jpeg(bytes: &[u8]) -> Result<Pixels, LogoError> {
    let options = DecoderOptions::default()
        .set_max_width(MAX_LOGO_SIDE)
        .set_max_height(MAX_LOGO_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGBA);
    // The sides are read first with room to spare, so that a picture that is too large is told from a damaged one.
    let mut peek = JpegDecoder::new_with_options(ZCursor::new(bytes), DecoderOptions::default());
    peek.decode_headers().map_err(|_| LogoError::NotAPicture)?;
    let (width, height) = peek.dimensions().ok_or(LogoError::NotAPicture)?;
    check_sides(width, height)?;
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let rgba = decoder.decode().map_err(|_| LogoError::NotAPicture)?;
    whole(width, height, rgba)
}

fn decode_webp(bytes: &[u8]) -> Result<Pixels, LogoError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|_| LogoError::NotAPicture)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    check_sides(width, height)?;
    let size = decoder.output_buffer_size().ok_or(LogoError::TooManyPixels)?;
    let mut bytes = vec![0; size];
    decoder
        .read_image(&mut bytes)
        .map_err(|_| LogoError::NotAPicture)?;
    let rgba = if decoder.has_alpha() {
        bytes
    } else {
        to_rgba(&bytes, |[r, g, b]: [u8; 3]| [r, g, b, 255])
    };
    whole(width, height, rgba)
}

fn to_rgba<const N: usize>(bytes: &[u8], pixel: impl Fn([u8; N]) -> [u8; 4]) -> Vec<u8> {
    let (pixels, _) = bytes.as_chunks::<N>();
    pixels.iter().flat_map(|bytes| pixel(*bytes)).collect()
}

/// The pixels, if there are as many as the sides say.
fn whole(width: usize, height: usize, rgba: Vec<u8>) -> Result<Pixels, LogoError> {
    if rgba.len() == width * height * 4 {
        Ok(Pixels { width, height, rgba })
    } else {
        Err(LogoError::NotAPicture)
    }
}

/// Scales down by averaging, keeping the proportions; a small picture stays as it is.
fn shrink(from: Pixels) -> Pixels {
    let longest = from.width.max(from.height);
    if longest <= KEPT_SIDE {
        return from;
    }
    let scaled = |side: usize| (side * KEPT_SIDE / longest).max(1);
    let (width, height) = (scaled(from.width), scaled(from.height));
    let mut rgba = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        let rows = span(y, from.height, height);
        for x in 0..width {
            rgba.extend(average(&from, span(x, from.width, width), rows.clone()));
        }
    }
    Pixels { width, height, rgba }
}

/// The source pixels behind target pixel `at`.
fn span(at: usize, from: usize, to: usize) -> std::ops::Range<usize> {
    let start = at * from / to;
    start..((at + 1) * from / to).max(start + 1)
}

/// The mean of an area; colours weigh by their opacity, so that a transparent edge does not darken.
fn average(from: &Pixels, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; 4] {
    let (mut colour, mut opacity, mut count) = ([0_u64; 3], 0_u64, 0_u64);
    for y in rows {
        let (start, end) = (
            (y * from.width + columns.start) * 4,
            (y * from.width + columns.end) * 4,
        );
        let (pixels, _) = from.rgba.get(start..end).unwrap_or_default().as_chunks::<4>();
        for [r, g, b, a] in pixels {
            let alpha = u64::from(*a);
            for (sum, value) in colour.iter_mut().zip([r, g, b]) {
                *sum += u64::from(*value) * alpha;
            }
            opacity += alpha;
            count += 1;
        }
    }
    let byte = |sum: u64, of: u64| u8::try_from(sum.checked_div(of).unwrap_or(0)).unwrap_or(u8::MAX);
    let [r, g, b] = colour;
    [
        byte(r, opacity),
        byte(g, opacity),
        byte(b, opacity),
        byte(opacity, count),
    ]
}

fn encode(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(
        &mut bytes,
        u32::try_from(pixels.width).ok()?,
        u32::try_from(pixels.height).ok()?,
    );
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels.rgba).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

fn hex_digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    omniport_protocol::vocabulary::sha256(bytes)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG of 16 by 8 pixels, all of one colour, in hexadecimal.
    const JPEG: &str = "\
        ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a07\
        0706080c0a0c0c0b0a0b0b0d0e12100d0e110e0b0b1016101113141515150c0f171816141812141514ffdb0043010304\
        0405040509050509140d0b0d141414141414141414141414141414141414141414141414141414141414141414141414\
        1414141414141414141414141414ffc00011080008001003012200021101031101ffc400150001010000000000000000\
        0000000000000004ffc40014100100000000000000000000000000000000ffc400150101010000000000000000000000\
        0000000708ffc40014110100000000000000000000000000000000ffda000c03010002110311003f0090007a907fffd9\
    ";

    fn from_hex(text: &str) -> Vec<u8> {
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        pairs
            .iter()
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn a_jpeg_and_a_webp_come_out_as_png() {
        let near = |rgba: &[u8]| {
            [200_u8, 100, 50]
                .iter()
                .zip(rgba)
                .all(|(want, got)| want.abs_diff(*got) < 12)
        };
        let mut webp = Vec::new();
        let rgb = [200, 100, 50].repeat(16 * 8);
        image_webp::WebPEncoder::new(&mut webp)
            .encode(&rgb, 16, 8, image_webp::ColorType::Rgb8)
            .unwrap();
        for upload in [from_hex(JPEG), webp] {
            let logo = reencode(&upload).unwrap();
            assert!(logo.png.starts_with(b"\x89PNG"));
            let again = decode_png(&logo.png).unwrap();
            assert_eq!((again.width, again.height), (16, 8));
            assert!(near(again.rgba.get(..4).unwrap()), "{:?}", again.rgba.get(..4));
        }
    }

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let pixels = Pixels {
            width: width as usize,
            height: height as usize,
            rgba: [200, 100, 50, 255].repeat((width * height) as usize),
        };
        encode(&pixels).unwrap()
    }

    #[test]
    fn a_png_comes_out_small_and_the_same_colour() {
        let logo = reencode(&png_of(1_000, 500)).unwrap();
        let again = decode_png(&logo.png).unwrap();
        assert_eq!((again.width, again.height), (256, 128));
        assert_eq!(again.rgba.get(..4), Some(&[200, 100, 50, 255][..]));
        assert_eq!(logo.digest.len(), 64);
    }

    #[test]
    fn a_small_png_keeps_its_size() {
        let logo = reencode(&png_of(3, 7)).unwrap();
        let again = decode_png(&logo.png).unwrap();
        assert_eq!((again.width, again.height), (3, 7));
    }

    #[test]
    fn everything_else_is_refused_with_words() {
        assert_eq!(reencode(b""), Err(LogoError::Empty));
        assert_eq!(reencode(&vec![0; MAX_LOGO_BYTES + 1]), Err(LogoError::TooLarge));
        assert_eq!(
            reencode(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            Err(LogoError::NotAPicture)
        );
        assert_eq!(reencode(b"\x89PNG\r\n\x1a\nbroken"), Err(LogoError::NotAPicture));
        assert_eq!(reencode(b"\xff\xd8\xffbroken"), Err(LogoError::NotAPicture));
        assert_eq!(reencode(b"RIFF\x04\0\0\0WEBPVP8 "), Err(LogoError::NotAPicture));
        assert_eq!(reencode(&png_of(4_097, 1)), Err(LogoError::TooManyPixels));
        let whole = png_of(64, 64);
        assert_eq!(
            reencode(whole.get(..whole.len() / 2).unwrap()),
            Err(LogoError::NotAPicture)
        );
    }
}

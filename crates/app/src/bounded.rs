//! Files and standard input, read with a bound: nothing that is given to a command can fill the memory.

use crate::Failure;
use std::io::Read;
use std::path::Path;

/// The whole of a UTF-8 file of at most `most` bytes; `-` is standard input. `what` names it in a failure.
pub(crate) fn read(path: &Path, most: u64, what: &str) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        return text(std::io::stdin().lock(), most, what, "standard input");
    }
    let shown = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| {
        Failure::new(format!(
            "{what} {shown} cannot be opened ({error}); check the path"
        ))
    })?;
    text(file, most, what, &shown)
}

/// The whole of a reader, as [`read`].
pub(crate) fn text(from: impl Read, most: u64, what: &str, shown: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("{what} ({shown}) cannot be read: {error}")))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(Failure::new(format!(
            "{what} ({shown}) is larger than {most} bytes; make it smaller"
        )));
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::new(format!("{what} ({shown}) is not UTF-8 text; save it as UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_or_no_text_is_refused() {
        let read = |bytes: &[u8]| text(bytes, 4, "the file", "x");
        assert_eq!(read(b"four").unwrap(), "four");
        assert!(
            read(b"fives")
                .unwrap_err()
                .to_string()
                .contains("larger than 4 bytes")
        );
        assert!(read(b"\xff").unwrap_err().to_string().contains("UTF-8"));
        let gone = super::read(Path::new("/no/such"), 4, "the file")
            .unwrap_err()
            .to_string();
        assert!(gone.starts_with("the file /no/such cannot be opened"), "{gone}");
    }
}

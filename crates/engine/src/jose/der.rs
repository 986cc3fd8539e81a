//! The two numbers of an RSA public key in DER (RFC 8017 appendix A.1.1), as aws-lc writes it.

/// Modulus and exponent, big-endian without leading zeros, of `SEQUENCE { INTEGER n, INTEGER e }`.
pub(super) fn rsa_public_key(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (body, rest) = element(der, 0x30)?;
    let (n, after) = element(body, 0x02)?;
    let (e, end) = element(after, 0x02)?;
    (rest.is_empty() && end.is_empty()).then(|| (trimmed(n), trimmed(e)))
}

/// The content of the element that `der` begins with, which must have this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match *length {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            let length = digits.iter().try_fold(0_usize, |length, digit| {
                length.checked_mul(256)?.checked_add(usize::from(*digit))
            })?;
            (length, rest)
        }
    };
    if *first != tag {
        return None;
    }
    rest.split_at_checked(length)
}

fn trimmed(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_and_broken_ones_do_not() {
        let good = [0x30, 7, 2, 2, 0, 0x81, 2, 1, 3];
        assert_eq!(rsa_public_key(&good), Some((vec![0x81], vec![3])));
        for end in 0..good.len() {
            assert_eq!(rsa_public_key(&good[..end]), None);
        }
        assert_eq!(rsa_public_key(&[&good[..], &[0]].concat()), None);
        assert_eq!(rsa_public_key(&[0x30, 0xff, 2]), None);
    }
}

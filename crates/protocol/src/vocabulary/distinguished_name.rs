//! Distinguished names as texts (RFC 4514): read into one form, in which two names are compared.

use std::fmt::Write as _;

/// Longest name that is read, in bytes, and most parts of one.
const MAX_BYTES: usize = 1_024;
const MAX_PARTS: usize = 32;

/// Short names of attribute types, and their object identifiers (RFC 4514 section 3, RFC 4519, RFC 2985 section 5.2.1).
const TYPES: [(&str, &str); 17] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("TITLE", "2.5.4.12"),
    ("POSTALCODE", "2.5.4.17"),
    ("GIVENNAME", "2.5.4.42"),
    ("DNQUALIFIER", "2.5.4.46"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
];

/// One attribute of a name: its type as an object identifier, and its value.
pub type Attribute = (String, String);

/// Writes a name as RFC 4514 says: `parts` as they stand in a certificate (the country first), each of one attribute or
/// of several.
pub fn write(parts: &[Vec<Attribute>]) -> String {
    let mut text = String::new();
    for (index, part) in parts.iter().rev().enumerate() {
        for (nth, (kind, value)) in part.iter().enumerate() {
            if index + nth > 0 {
                text.push(if nth > 0 { '+' } else { ',' });
            }
            let short = TYPES.iter().find(|(_, oid)| oid == kind);
            text.push_str(short.map_or(kind.as_str(), |(short, _)| *short));
            text.push('=');
            escape(value, &mut text);
        }
    }
    text
}

/// Section 2.4.
fn escape(value: &str, text: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (at, letter) in value.chars().enumerate() {
        match letter {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => {
                text.push('\\');
                text.push(letter);
            }
            '#' if at == 0 => text.push_str("\\#"),
            ' ' if at == 0 || at == last => text.push_str("\\ "),
            control if control.is_control() => {
                let mut bytes = [0; 4];
                for byte in control.encode_utf8(&mut bytes).bytes() {
                    // Writing to a text does not fail.
                    let _ = write!(text, "\\{byte:02X}");
                }
            }
            plain => text.push(plain),
        }
    }
}

/// Whether two texts are one name: in the order of their parts, whatever the case, the spaces and the spelling of types.
pub fn same(one: &str, other: &str) -> bool {
    parse(one).is_some_and(|one| parse(other).is_some_and(|other| one == other))
}

/// Reads a name (section 3); none where it is malformed, empty, too long, or holds a value in hexadecimal (`#04...`).
pub fn parse(text: &str) -> Option<Vec<Vec<Attribute>>> {
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    let mut letters = text.chars().peekable();
    let (mut parts, mut part) = (Vec::new(), Vec::new());
    loop {
        let kind: String = std::iter::from_fn(|| letters.next_if(|letter| *letter != '=')).collect();
        letters.next()?;
        let kind = kind_of(kind.trim())?;
        let (value, ended_by) = value_of(&mut letters)?;
        part.push((kind, value));
        if ended_by != Some('+') {
            // The order within a part means nothing.
            part.sort_unstable();
            parts.push(std::mem::take(&mut part));
        }
        match ended_by {
            None => return Some(parts),
            Some(_) if parts.len() + part.len() >= MAX_PARTS => return None,
            Some(_) => {}
        }
    }
}

/// A type by its short name or its object identifier, as the latter.
fn kind_of(text: &str) -> Option<String> {
    let known = TYPES.iter().find(|(short, _)| short.eq_ignore_ascii_case(text));
    if let Some((_, oid)) = known {
        return Some((*oid).to_owned());
    }
    let is_oid = !text.is_empty()
        && text
            .split('.')
            .all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()));
    is_oid.then(|| text.to_owned())
}

/// A value up to the next `,` or `+`, folded: small letters, one space for several (RFC 4517 section 4.2.11); and what
/// ended it.
fn value_of(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<(String, Option<char>)> {
    while letters.next_if_eq(&' ').is_some() {}
    let mut bytes: Vec<u8> = Vec::new();
    if letters.peek() == Some(&'#') {
        return None;
    }
    let ended_by = loop {
        match letters.next() {
            end @ (None | Some(',' | '+' | ';')) => break end,
            Some('\\') => {
                let next = letters.next()?;
                if let Some(high) = next.to_digit(16) {
                    let low = letters.next()?.to_digit(16)?;
                    bytes.push(u8::try_from(high * 16 + low).ok()?);
                } else {
                    push(&mut bytes, next);
                }
            }
            Some('"' | '<' | '>') => return None,
            Some(letter) => push(&mut bytes, letter),
        }
    };
    let text = String::from_utf8(bytes).ok()?;
    let words: Vec<&str> = text.split_whitespace().collect();
    Some((words.join(" ").to_lowercase(), ended_by))
}

fn push(bytes: &mut Vec<u8>, letter: char) {
    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_several_texts() {
        for (one, other) in [
            (
                "CN=Steve Kille,O=Isode Limited,C=GB",
                "cn=steve  kille, o=ISODE Limited, c=gb",
            ),
            (
                "OU=Sales+CN=J. Smith,DC=example,DC=net",
                "CN=J. Smith+OU=Sales,DC=example,DC=net",
            ),
            ("CN=app", "2.5.4.3=app"),
            ("CN=Lu\\C4\\8Di\\C4\\87", "CN=Lučić"),
            (
                "CN=James \\\"Jim\\\" Smith\\, III",
                "CN=James \\22Jim\\22 Smith\\2C III",
            ),
            ("1.3.6.1.4.1.1466.0=x", "1.3.6.1.4.1.1466.0= x "),
        ] {
            assert!(same(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn another_name_is_another() {
        for other in [
            "O=x,CN=app",
            "CN=app",
            "CN=app,O=y",
            "CN=app,O=x,C=de",
            "CN=app\\,O=x",
            "CN=app+O=x",
        ] {
            assert!(!same("CN=app,O=x", other), "{other}");
        }
    }

    #[test]
    fn what_is_no_name_is_none_also_not_of_itself() {
        let long = format!("CN={}", "x".repeat(MAX_BYTES));
        let many = vec!["CN=x"; MAX_PARTS + 2].join(",");
        for bad in [
            "",
            "app",
            "CN",
            "=x",
            "CN=x,",
            "CN=x+",
            "FOO=x",
            "CN=#0403",
            "CN=a\"b\"",
            "CN=\\",
            "CN=\\4",
            "1..2=x",
            "CN=\\FF",
            &long,
            &many,
        ] {
            assert!(!same(bad, bad), "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_parts() {
        let parts = [
            vec![("2.5.4.6".to_owned(), "GB".to_owned())],
            vec![("2.5.4.10".to_owned(), " A, B+C=\"d\";<e>\\ ".to_owned())],
            vec![
                ("2.5.4.3".to_owned(), "#app\u{7}".to_owned()),
                ("1.2.3".to_owned(), "x".to_owned()),
            ],
        ];
        let text = write(&parts);
        assert_eq!(
            text,
            "CN=\\#app\\07+1.2.3=x,O=\\ A\\, B\\+C\\=\\\"d\\\"\\;\\<e\\>\\\\\\ ,C=GB"
        );
        let read = parse(&text).unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(read[1][0].1, "a, b+c=\"d\";<e>\\");
        assert_eq!(read[0][1], ("2.5.4.3".to_owned(), "#app\u{7}".to_owned()));
    }
}

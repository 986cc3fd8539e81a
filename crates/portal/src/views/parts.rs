//! The small pieces that several pages share.

use jiff::Timestamp;
use omniport_store::portal::MOST_COUNTED;

/// A logo, or initials where there is none: an app's, or the institution's.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The name it stands for.
    pub name: String,
    /// A path on this host; no other origin is allowed by the page's policy.
    pub logo_url: Option<String>,
}

impl Mark {
    /// At most two letters: the first of the first and of the last word.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }

    /// Which of the six tints stands behind the initials; the same name always has the same.
    pub fn tone(&self) -> u32 {
        tone(&self.name)
    }
}

/// A person, as a card shows them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their full name, or their username where no name is on file.
    pub name: String,
    /// Their sign-in name.
    pub username: String,
    /// Their picture: a path on this host, or a `data:` URL.
    pub picture_url: Option<String>,
    /// Their roles in words: `Student`, `Faculty member`.
    pub roles: Vec<String>,
}

impl Person {
    /// At most two letters, for those without a picture.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }

    /// The tint behind the initials.
    pub fn tone(&self) -> u32 {
        tone(&self.name)
    }

    /// The roles as one line; empty when there are none.
    pub fn role_line(&self) -> String {
        self.roles.join(" · ")
    }
}

/// A link with its words.
#[derive(Debug, Clone)]
pub struct Link {
    /// The words.
    pub label: String,
    /// Where to: a path on this host, or an `https` URL.
    pub href: String,
}

/// A form field: what was typed, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// What was typed, shown again as it was.
    pub value: String,
    /// What happened, why, and what to do; none when all is well.
    pub error: Option<String>,
}

impl Field {
    /// What was typed, with what is wrong with it, if anything is.
    pub fn typed(value: impl Into<String>, error: Option<String>) -> Self {
        Self {
            value: value.into(),
            error,
        }
    }

    /// A field with nothing wrong.
    pub fn of(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: None,
        }
    }

    /// A field that was refused.
    pub fn refused(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            error: Some(error.into()),
        }
    }
}

/// A moment in words, for people (`23 Nov 2026, 14:05`), with the zone on hover.
#[derive(Debug, Clone)]
pub struct When {
    /// For people.
    pub text: String,
    /// For people who hover: with seconds and the zone.
    pub exact: String,
    /// For machines (`datetime`).
    pub machine: String,
}

impl When {
    /// The moment `seconds` after 1970-01-01T00:00:00Z, told in UTC. One outside the years 1 to 9999 is told
    /// as its bare number: a page is never refused for the sake of a date.
    pub fn from_seconds(seconds: i64) -> Self {
        match Timestamp::from_second(seconds) {
            Ok(at) => Self {
                text: at.strftime("%-d %b %Y, %H:%M").to_string(),
                exact: at.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
                machine: at.to_string(),
            },
            Err(_) => Self {
                text: seconds.to_string(),
                exact: format!("{seconds} seconds since 1970"),
                machine: String::new(),
            },
        }
    }
}

/// How many people of an app were counted: more than [`MOST_COUNTED`] are that many and more.
pub fn counted(people: u64) -> String {
    if people > MOST_COUNTED {
        format!("{}+", number(MOST_COUNTED))
    } else {
        number(people)
    }
}

/// A number with narrow no-break spaces between its thousands.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

fn tone(name: &str) -> u32 {
    // FNV-1a, 32 bits: any spread will do, as long as it never changes between releases or machines.
    name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    }) / 0x2f
        % 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_for_people_and_machines() {
        let when = When::from_seconds(1_795_442_700);
        assert_eq!(when.text, "23 Nov 2026, 14:05");
        assert_eq!(when.exact, "23 November 2026, 14:05:00 UTC");
        assert_eq!(when.machine, "2026-11-23T14:05:00Z");
        assert_eq!(When::from_seconds(i64::MAX).text, i64::MAX.to_string());
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(counted(10_000), "10\u{202f}000");
        assert_eq!(counted(10_001), "10\u{202f}000+");
        assert_eq!(number(7), "7");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1\u{202f}000");
        assert_eq!(number(12_345_678), "12\u{202f}345\u{202f}678");
    }

    #[test]
    fn initials_come_from_the_first_and_last_word() {
        assert_eq!(initials("Asha Rao"), "AR");
        assert_eq!(initials("asha kumari rao"), "AR");
        assert_eq!(initials("Cher"), "C");
        assert_eq!(initials("(the) planner"), "TP");
        assert_eq!(initials("— · —"), "");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_tint_is_one_of_six() {
        assert!(
            ["", "a", "Course Planner", "ßüé"]
                .iter()
                .all(|name| tone(name) < 6)
        );
    }
}

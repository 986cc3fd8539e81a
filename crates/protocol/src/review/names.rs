//! Names that look like other names (Unicode Technical Standard 39): what people see is what they trust.

use unicode_security::MixedScript as _;
use unicode_security::confusable_detection::skeleton;

/// Our own name, which no app may take.
const OURS: &str = "Omniport";

/// What a name looks like: two names with the same look are easily taken for each other. Letters and digits alone,
/// whatever their case, each as the plainest character that looks like it.
pub fn look(name: &str) -> String {
    let lower = name.to_lowercase();
    let plain: String = skeleton(&lower).collect();
    plain
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        // The standard keeps a small I and a small L apart; people in a hurry do not.
        .map(|c| if c == 'l' { 'i' } else { c })
        .collect()
}

/// Whether a name may be taken for one of Omniport's own.
pub fn imitates_omniport(name: &str) -> bool {
    look(name).contains(&look(OURS))
}

/// Whether a name holds a whole known one, by its looks.
pub(super) fn holds(name: &str, known: &str) -> bool {
    let known = look(known);
    !known.is_empty() && look(name).contains(&known)
}

/// The characters of `text` that only look like a Latin letter or digit, where they stand among others or make up the
/// whole of it: then the text reads as something that it is not.
pub(super) fn disguised(text: &str) -> Vec<char> {
    let looks_latin = |c: char| -> bool {
        let mut plain = [0; 4];
        let mut letters = skeleton(c.encode_utf8(&mut plain));
        c.is_alphanumeric() && !c.is_ascii() && letters.all(|c| c.is_ascii_alphanumeric())
    };
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let strangers: Vec<char> = letters.iter().copied().filter(|c| looks_latin(*c)).collect();
    let is_mixed = !text.is_single_script();
    let is_whole = !letters.is_empty() && strangers.len() == letters.len();
    if is_mixed || is_whole {
        strangers
    } else {
        Vec::new()
    }
}

/// Characters that turn the direction of text (Unicode's `Bidi_Control`): they make one name look like another.
pub(super) const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters by which the text after them is laid out in another order than it is written in, until it ends: a sentence
/// with one in it can say something else than it holds. The marks, which only say how a neighbour is to be read, are not
/// among them: sentences in Arabic and Hebrew need those.
pub(crate) const fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that take no room: a name with one in it is another name that looks the same. The joiners are not among
/// them: Indic and Persian words need those.
pub(super) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
    )
}

/// Characters of a text from outside that its reader does not see, and so cannot compare: those, what breaks lines, and
/// Unicode's annotations and tags.
pub(crate) const fn is_unseen(c: char) -> bool {
    is_bidi_control(c)
        || is_invisible(c)
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The first character of a sign-in name that its reader does not see: those, and a joiner that joins nothing, for no
/// letter of a script that needs it stands before it.
pub fn unseen_in_username(username: &str) -> Option<char> {
    let is_joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    let mut before = ' ';
    username.chars().find(|c| {
        let joins_nothing = is_joiner(*c) && (before.is_ascii() || is_joiner(before));
        before = *c;
        is_unseen(*c) || joins_nothing
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_110_what_looks_like_our_name_is_known() {
        for name in [
            "Omniport",
            "OMNIPORT login",
            "Omni-Port",
            "0mniport",
            "\u{41e}mniport",
            "Omnip\u{43e}rt mail",
            "Omn1port",
            "Omn\u{131}port",
            "\u{ff2f}mniport",
            "O m n i p o r t",
        ] {
            assert!(imitates_omniport(name), "{name}");
        }
        for name in [
            "Omnibus",
            "Port",
            "Course Planner",
            "\u{417}\u{430}\u{447}\u{451}\u{442}",
        ] {
            assert!(!imitates_omniport(name), "{name}");
        }
    }

    #[test]
    fn case_110_letters_in_disguise_are_found() {
        assert_eq!(disguised("\u{421}ourse Planner"), ['\u{421}']);
        // All of it, though of one script.
        assert_eq!(
            disguised("\u{440}\u{430}\u{443}"),
            ['\u{440}', '\u{430}', '\u{443}']
        );
        for plain in [
            "Course Planner",
            "\u{417}\u{430}\u{447}\u{451}\u{442}",
            "Caf\u{e9}",
            "\u{8ab2}\u{7a0b}",
            "",
            "2048",
        ] {
            assert!(disguised(plain).is_empty(), "{plain}");
        }
    }

    #[test]
    fn a_username_holds_nothing_unseen() {
        for (name, unseen) in [
            ("as\u{202e}ha", '\u{202e}'),
            ("asha\u{200b}", '\u{200b}'),
            ("asha\u{2066}", '\u{2066}'),
            ("\u{feff}asha", '\u{feff}'),
            ("asha\u{200d}", '\u{200d}'),
            ("asha\u{3164}", '\u{3164}'),
            ("asha\u{e0061}", '\u{e0061}'),
        ] {
            assert_eq!(unseen_in_username(name), Some(unseen), "{name:?}");
        }
        let joined = "\u{915}\u{94d}\u{200d}\u{937}";
        for name in [
            "asha",
            "asha.rao@example.edu",
            "\u{906}\u{936}\u{93e}",
            joined,
            "\u{5d0}\u{5e9}\u{5d4}",
        ] {
            assert_eq!(unseen_in_username(name), None, "{name:?}");
        }
    }
}

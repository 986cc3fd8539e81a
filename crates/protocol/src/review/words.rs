//! The length of a description, counted the same way in the page and in the server.

use std::ops::RangeInclusive;

/// How many words an app's description must have.
pub const DESCRIPTION_WORDS: RangeInclusive<usize> = 127..=511;

/// Counts words: maximal runs of non-space characters that hold a letter or a digit.
///
/// The page's script counts `/\S+/` runs with a `\p{Alphabetic}` or `\p{N}` in them, with Unicode's `White_Space` as space.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace()
        .filter(|run| run.chars().any(char::is_alphanumeric))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_runs_with_a_letter_or_digit() {
        assert_eq!(count_words(""), 0);
        assert_eq!(count_words("one, two \u{2014} three!"), 3);
        assert_eq!(count_words("-- ... *"), 0);
        assert_eq!(
            count_words("\u{928}\u{92e}\u{938}\u{94d}\u{924}\u{947} 4\u{a0}you\u{3000}x"),
            4
        );
    }
}

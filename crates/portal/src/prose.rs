//! How a text differs from another, sentence by sentence, in the order of the text: so that who reviews a description
//! reads what is new in it and not all of it twice.

use crate::views::{DifferenceKind, DifferenceRow};

/// Most sentences that are compared one by one; of longer texts the rest counts as one. A description has 511 words at most.
const MOST: usize = 511;

/// The rows: what was removed before what was added in its place; what stays on is shortened to its ends.
pub(crate) fn compare(before: &str, after: &str) -> Vec<DifferenceRow> {
    let (old, new) = (sentences(before), sentences(after));
    let mut runs: Vec<(DifferenceKind, Vec<&str>)> = Vec::new();
    for (kind, text) in steps(&old, &new) {
        match runs.last_mut() {
            Some((last, texts)) if *last == kind => texts.push(text),
            _ => runs.push((kind, vec![text])),
        }
    }
    let row = |(kind, texts): (DifferenceKind, Vec<&str>)| DifferenceRow {
        kind,
        text: match (kind, texts.as_slice()) {
            (DifferenceKind::Kept, [first, _, .., last]) => format!("{first} \u{2026} {last}"),
            _ => texts.join(" "),
        },
    };
    runs.into_iter().map(row).collect()
}

/// A text's sentences; a line's end ends one too.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim();
        while !rest.is_empty() {
            let end = if found.len() + 1 < MOST {
                end_of_sentence(rest)
            } else {
                rest.len()
            };
            let (sentence, after) = rest.split_at(end);
            found.push(sentence.trim_end());
            rest = after.trim_start();
        }
    }
    found
}

/// Where the first sentence ends: behind a full stop, question or exclamation mark that a space follows.
fn end_of_sentence(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((_, c)) = characters.next() {
        if let Some((next, after)) = characters.peek()
            && matches!(c, '.' | '?' | '!')
            && after.is_whitespace()
        {
            return *next;
        }
    }
    text.len()
}

/// One text turned into the other by the fewest sentences removed and added (their longest common subsequence).
fn steps<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(DifferenceKind, &'a str)> {
    // common[i][j]: how many sentences old[i..] and new[j..] have in common.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    let at = |common: &[Vec<usize>], i: usize, j: usize| -> usize {
        common.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
    };
    for (i, was) in old.iter().enumerate().rev() {
        for (j, is) in new.iter().enumerate().rev() {
            let most = if was == is {
                at(&common, i + 1, j + 1) + 1
            } else {
                at(&common, i + 1, j).max(at(&common, i, j + 1))
            };
            if let Some(cell) = common.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = most;
            }
        }
    }
    let (mut i, mut j, mut steps) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(was), Some(is)) if was == is => {
                steps.push((DifferenceKind::Kept, *is));
                (i, j) = (i + 1, j + 1);
            }
            (Some(was), is) if is.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                steps.push((DifferenceKind::Removed, *was));
                i += 1;
            }
            (_, Some(is)) => {
                steps.push((DifferenceKind::Added, *is));
                j += 1;
            }
            (_, None) => return steps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let rows = compare(before, after);
        rows.iter()
            .map(|row| format!("{} {}", row.kind.word(), row.text))
            .collect()
    }

    #[test]
    fn only_what_changed_is_told_whole() {
        let before = "It plans. It warns of clashes. It keeps plans for v1.2 years. Nobody else sees them.\n\nIt is free.";
        let after = "It plans. It warns of clashes. It keeps plans for ever! Nobody else sees them.\n\nIt is free. Ask us.";
        assert_eq!(
            told(before, after),
            [
                "Kept It plans. It warns of clashes.",
                "Removed It keeps plans for v1.2 years.",
                "Added It keeps plans for ever!",
                "Kept Nobody else sees them. It is free.",
                "Added Ask us.",
            ]
        );
        assert_eq!(
            told("A. B. C. D.", "A. B. C. D. E."),
            ["Kept A. \u{2026} D.", "Added E."]
        );
        assert_eq!(told("", "New."), ["Added New."]);
        assert_eq!(told("Old.", ""), ["Removed Old."]);
        assert!(told("", " \n ").is_empty());
    }

    #[test]
    fn the_longest_text_is_compared_too() {
        let long: Vec<String> = (0..2_000).map(|n| format!("{n}.")).collect();
        let rows = compare(&long.join(" "), &long.join("\n"));
        assert!(rows.len() <= 3 && rows.iter().any(|row| row.kind == DifferenceKind::Kept));
    }
}

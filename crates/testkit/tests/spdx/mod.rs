//! Whether an SPDX licence expression can be satisfied with licences we accept: `OR`, `AND`, `WITH`, brackets, and
//! the old `/` for `OR`.

/// What may be linked into a binary under Apache-2.0. `deny.toml` lists the same.
const ACCEPTED: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// An exception only adds permissions, so what it is attached to must be accepted, and it must be this one.
const EXCEPTION: &str = "LLVM-exception";

/// Whether some choice that the expression leaves us is accepted in full. What cannot be read is not.
pub(crate) fn accepted(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    either(&mut words).is_some_and(|fits| fits && words.is_empty())
}

/// `both (OR both)*`. The words are a stack, the next one on top.
fn either(words: &mut Vec<&str>) -> Option<bool> {
    let mut fits = both(words)?;
    while words.last() == Some(&"OR") {
        words.pop();
        fits |= both(words)?;
    }
    Some(fits)
}

/// `one (AND one)*`.
fn both(words: &mut Vec<&str>) -> Option<bool> {
    let mut fits = one(words)?;
    while words.last() == Some(&"AND") {
        words.pop();
        fits &= one(words)?;
    }
    Some(fits)
}

/// A bracket, or a licence with or without an exception.
fn one(words: &mut Vec<&str>) -> Option<bool> {
    let word = words.pop()?;
    if word == "(" {
        let fits = either(words)?;
        return (words.pop()? == ")").then_some(fits);
    }
    let mut fits = ACCEPTED.contains(&word);
    if words.last() == Some(&"WITH") {
        words.pop();
        fits &= words.pop()? == EXCEPTION;
    }
    Some(fits)
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "MIT OR GPL-3.0-only",
        "Apache-2.0 WITH LLVM-exception OR MIT",
        "(MIT OR GPL-2.0-only) AND Unicode-3.0",
    ] {
        assert!(accepted(good), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "MIT OR",
        "(MIT",
        "MIT)",
        "MIT Apache-2.0",
        "Apache-2.0 WITH Other-exception",
    ] {
        assert!(!accepted(bad), "{bad}");
    }
}

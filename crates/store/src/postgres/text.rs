//! Our texts in `PostgreSQL`'s words.

/// `?1` as `$1`; what stands between quotes is left alone.
pub(super) fn translate(sql: &str) -> String {
    let mut quote = None;
    sql.chars()
        .map(|c| match (quote, c) {
            (None, '?') => '$',
            (None, '\'' | '"') => {
                quote = Some(c);
                c
            }
            (Some(open), _) if open == c => {
                quote = None;
                c
            }
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn parameters_are_renamed_and_texts_are_not() {
        assert_eq!(
            translate("SELECT ?1, ?12 WHERE x = ?1"),
            "SELECT $1, $12 WHERE x = $1"
        );
        assert_eq!(
            translate("SELECT '?1', 'it''s ?2', \"odd?\" WHERE ?3 = '!'"),
            "SELECT '?1', 'it''s ?2', \"odd?\" WHERE $3 = '!'"
        );
    }
}

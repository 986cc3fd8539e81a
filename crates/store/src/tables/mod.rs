//! One room for each table that the rules read or write: its texts, and its rows as the rules see them.
//!
//! A query's columns and the function that reads them stand next to each other, in the same order.

/// A grant (`g`) with the person behind it (`p`) and whether they are on the client's team (`t`); read by
/// `grants::read`. Of an exchanged one, how many of the grants above it live: three are looked at, as deep as a token may
/// be exchanged on (`MOST_EXCHANGES` of the grant `token_exchange`).
macro_rules! grant_columns {
    () => {
        "g.id, g.client_id, g.scope, g.data_points, g.auth_time, g.sign_in, g.openid, g.apis, g.created_at, g.revoked_at, \
         g.generation, g.rotated_out, g.rotated_out_at, p.id, p.username, p.disabled_at, t.person_id, p.test_of, \
         g.exchange, CASE WHEN g.parent IS NULL THEN NULL ELSE (SELECT COUNT(*) FROM grants q \
           JOIN apps b ON b.client_id = q.client_id WHERE q.id IN (g.parent, \
             (SELECT x.parent FROM grants x WHERE x.id = g.parent), \
             (SELECT y.parent FROM grants x JOIN grants y ON y.id = x.parent WHERE x.id = g.parent)) \
           AND q.revoked_at IS NULL AND b.standing <> 'suspended') END"
    };
}

/// What [`grant_columns`] needs beside `grants g`.
macro_rules! grant_joins {
    () => {
        "LEFT JOIN people p ON p.id = g.person_id \
         LEFT JOIN team t ON t.client_id = g.client_id AND t.person_id = g.person_id"
    };
}

pub(crate) mod access_tokens;
pub(crate) mod clients;
pub(crate) mod codes;
pub(crate) mod consents;
pub(crate) mod decoupled_requests;
pub(crate) mod grants;
pub(crate) mod parked_requests;
pub(crate) mod people;
pub(crate) mod pushed_requests;
pub(crate) mod refresh_tokens;
pub(crate) mod sessions;
pub(crate) mod team;
pub(crate) mod used_jtis;

//! Statements in, rows out.

use crate::scratch::{NOW, Scratch};
use omniport_store::{Fault, Query, Statement, Written};

const ADD: &str = "INSERT INTO logos (digest, put_at, png) VALUES (?1, 1, ?2)";

fn add(digest: &str) -> Statement {
    Statement::one(ADD, vec![digest.into(), vec![1_u8].into()])
}

fn count() -> Query {
    Query::key("SELECT COUNT(*) FROM logos", vec![])
}

pub(crate) async fn several_questions_share_a_snapshot(s: Scratch) {
    let writer = std::sync::Arc::clone(&s.driver);
    let busy = tokio::spawn(async move {
        for n in 0..200 {
            assert!(
                writer
                    .write(vec![add(&n.to_string())])
                    .await
                    .unwrap()
                    .is_applied()
            );
        }
    });
    for round in 0..200 {
        let query = if round % 2 == 0 {
            count()
        } else {
            Query::list(count().sql, vec![])
        };
        let mut answers = s
            .driver
            .read(vec![query.clone(), query.clone(), query])
            .await
            .unwrap();
        let counts: Vec<i64> = answers.iter_mut().map(|rows| rows[0].int().unwrap()).collect();
        assert!(counts.iter().all(|n| *n == counts[0]), "{counts:?}");
    }
    busy.await.unwrap();
}

pub(crate) async fn a_wrong_row_count_undoes_everything(s: Scratch) {
    let miss = Statement::one("DELETE FROM logos WHERE digest = ?1", vec!["none".into()]);
    let written = s.driver.write(vec![add("a"), miss, add("b")]).await.unwrap();
    assert_eq!(written, Written::Conflict { statement: 1 });
    assert_eq!(s.rows_of("logos").await, 0);
}

pub(crate) async fn a_constraint_is_a_conflict(s: Scratch) {
    assert!(s.driver.write(vec![add("a")]).await.unwrap().is_applied());
    let twice = s.driver.write(vec![add("b"), add("a")]).await.unwrap();
    assert_eq!(twice, Written::Conflict { statement: 1 });
    let orphan = Statement::one(
        "INSERT INTO team (client_id, person_id, since) VALUES (?1, ?2, 1)",
        vec!["nobody".into(), 7_i64.into()],
    );
    let orphan = s.driver.write(vec![orphan]).await.unwrap();
    assert_eq!(orphan, Written::Conflict { statement: 0 });
    assert_eq!(s.rows_of("logos").await, 1);
}

pub(crate) async fn a_mistake_is_a_fault_and_undoes_its_own_part_only(s: Scratch) {
    let wrong = Statement::any("INSERT INTO nowhere VALUES (1)", vec![]);
    let (kept, lost) = tokio::join!(
        s.driver.write(vec![add("kept")]),
        s.driver.write(vec![add("lost"), wrong])
    );
    assert_eq!(kept.unwrap(), Written::Applied);
    assert!(matches!(lost.unwrap_err(), Fault::Bug(_)));
    assert_eq!(s.rows_of("logos").await, 1);
    let missing = Statement::any(
        "INSERT INTO logos (digest, put_at, png) VALUES (?1, 1, NULL)",
        vec!["x".into()],
    );
    assert!(matches!(
        s.driver.write(vec![missing]).await.unwrap_err(),
        Fault::Bug(_)
    ));
    let unreadable = s
        .driver
        .read(vec![Query::key("SELECT nothing FROM logos", vec![])])
        .await;
    assert!(matches!(unreadable.unwrap_err(), Fault::Bug(_)));
}

pub(crate) async fn nothing_to_write_is_written(s: Scratch) {
    assert_eq!(s.driver.write(vec![]).await.unwrap(), Written::Applied);
    assert!(s.driver.read(vec![]).await.unwrap().is_empty());
    s.store.ping().await.unwrap();
}

pub(crate) async fn migrating_twice_is_once(s: Scratch) {
    assert!(s.store.pending().await.unwrap().is_empty());
    assert!(s.store.migrate(NOW).await.unwrap().is_empty());
    let all: Vec<_> = s.driver.migrations().iter().collect();
    s.driver.migrate(&all, NOW).await.unwrap();
    assert_eq!(
        s.driver.applied().await.unwrap().len(),
        s.driver.migrations().len()
    );
}

pub(crate) async fn a_healthy_database_checks_out(s: Scratch) {
    s.store.check().await.unwrap();
}

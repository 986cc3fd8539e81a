//! Races: one code, forty tasks.

use crate::world;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_tasks_redeem_one_code_and_exactly_one_wins() {
    let (instance, app) = world().await;
    let code = instance.code(&app, "asha").await;
    let (instance, app) = (Arc::new(instance), Arc::new(app));
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (instance, app, code) = (instance.clone(), app.clone(), code.clone());
            tokio::spawn(async move { instance.redeem(&app, &code).await })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        if answer.status != 200 {
            crate::assert_error(&answer, 400, "invalid_grant");
        }
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_tasks_refresh_with_one_token_and_one_lineage_lives() {
    let (instance, app) = world().await;
    let (_, refresh) = crate::pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let (instance, app) = (Arc::new(instance), Arc::new(app));
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (instance, app, refresh) = (instance.clone(), app.clone(), refresh.clone());
            tokio::spawn(async move { instance.refresh(&app, &refresh).await })
        })
        .collect();
    let mut successors = Vec::new();
    for task in tasks {
        // Within the grace each asker may have lost its answer; all of them stand in one generation.
        let answer = task.await.unwrap();
        successors.push(crate::pair(&answer).1);
    }
    let first = successors.first().unwrap();
    assert_eq!(instance.refresh(&app, first).await.status, 200);
    let second = instance.refresh(&app, successors.last().unwrap()).await;
    crate::assert_error(&second, 400, "invalid_grant");
}

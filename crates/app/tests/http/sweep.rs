//! The sweep beside the requests, on several nodes.

use omniport_engine::Engine;
use omniport_protocol::audit::Verifier;
use omniport_protocol::vocabulary::Secret;
use omniport_store::portal::{AuditFilter, Retention};
use omniport_testkit::Instance;

/// So many sessions that end in an hour.
async fn sessions(instance: &Instance, how_many: usize) {
    let asha = instance.person("asha", &[]).await;
    let (store, now) = (instance.engine.store(), instance.engine.now());
    for n in 0..how_many {
        let hash = Secret::new(format!("cookie-{n}")).hash();
        store
            .insert_session(hash, asha, now, now.plus(3_600))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn one_node_sweeps_until_it_is_not_heard_of() {
    let instance = Instance::new().await;
    let (first, second) = (&instance.engine, instance.another_node());
    let (mut ours, mut theirs) = (Engine::turn_to_sweep(), Engine::turn_to_sweep());
    // More than a batch.
    sessions(&instance, 501).await;
    assert_eq!(first.sweep_in_turn(&mut ours).await.unwrap(), Some(0));
    instance.clock.advance(3_600);
    // Nobody swept for an hour: it is whoever comes first.
    assert_eq!(second.sweep_in_turn(&mut theirs).await.unwrap(), Some(501));
    assert_eq!(first.sweep_in_turn(&mut ours).await.unwrap(), None);
    for _ in 0..3 {
        instance.clock.advance(60);
        assert_eq!(first.sweep_in_turn(&mut ours).await.unwrap(), None);
        assert_eq!(second.sweep_in_turn(&mut theirs).await.unwrap(), Some(0));
    }
    instance.clock.advance(89);
    assert_eq!(first.sweep_in_turn(&mut ours).await.unwrap(), None);
    instance.clock.advance(1);
    assert!(first.sweep_in_turn(&mut ours).await.unwrap().is_some());
    assert_eq!(second.sweep_in_turn(&mut theirs).await.unwrap(), None);
    // By hand, whoever's turn it is.
    assert_eq!(second.sweep().await.unwrap(), 0);
}

/// The acts that the log still tells of, the oldest first, and whether it is whole.
async fn log(engine: &Engine) -> (Vec<String>, bool) {
    let mut told = engine
        .store()
        .audit_events(&AuditFilter::default(), None, 50)
        .await
        .unwrap();
    told.reverse();
    let acts = told.iter().map(|entry| entry.event.act.clone()).collect();
    let whole = engine.verify_audit(Verifier::new()).await.unwrap();
    (acts, whole.is_ok())
}

#[tokio::test]
async fn the_audit_log_is_kept_as_long_as_the_operator_says() {
    let day = 86_400;
    let kept = |audit| async move {
        let instance = Instance::with(|settings| settings.retention = Retention { grants: 0, audit }).await;
        instance.person("asha", &[]).await;
        instance.clock.advance(20 * day);
        instance.person("ben", &[]).await;
        instance.clock.advance(20 * day);
        let mut turn = Engine::turn_to_sweep();
        let swept = instance.engine.sweep_in_turn(&mut turn).await.unwrap();
        (swept, log(&instance.engine).await)
    };
    let (made, added) = ("keys.make".to_owned(), "person.add".to_owned());
    let all = vec![made, added.clone(), added.clone()];
    // For good, unless the operator says so; and no day sooner than they say.
    for audit in [0, 41 * day] {
        assert_eq!(kept(audit).await, (Some(0), (all.clone(), true)));
    }
    // The younger one stays, and what tells of the cut.
    let left = vec![added, "audit.prune".to_owned()];
    assert_eq!(kept(30 * day).await, (Some(2), (left, true)));
}

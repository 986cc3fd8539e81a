//! The sweep beside the requests, on several nodes.

use omniport_engine::Engine;
use omniport_protocol::vocabulary::Secret;
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

use super::*;
use crate::http::{Peer, Peers, compose_behind};
use axum::body::Body;
use tower::ServiceExt;

/// An engine, and the folder of its database.
async fn engine() -> (tempfile::TempDir, Arc<Engine>) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::config::Config::default();
    config.database.url = format!("sqlite:{}", folder.path().join("a.db").display());
    let engine = crate::wiring::engine(&config, "http://127.0.0.1:1".into()).await;
    (folder, Arc::new(engine.unwrap()))
}

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn what_happens_is_counted_and_nothing_that_a_caller_says_is_in_it() {
    let (_folder, engine) = engine().await;
    let (site, metrics) = compose_behind(engine, Peers::default(), false);
    let form = "grant_type=client_credentials&client_id=intruder&client_secret=hush";
    let request = http::Request::post("/open_auth/token/")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    assert_eq!(site.clone().oneshot(request).await.unwrap().status(), 401);
    let request = http::Request::builder()
        .method("INTRUDE")
        .uri("/intruder?intruder")
        .header("x-intruder", "hush")
        .body(Body::empty())
        .unwrap();
    assert_eq!(site.oneshot(request).await.unwrap().status(), 404);
    let request = http::Request::get("/metrics").body(Body::empty()).unwrap();
    let text = text(metrics.alone().oneshot(request).await.unwrap()).await;
    for line in [
        "omniport_http_requests_total{route=\"/open_auth/token\",method=\"POST\",status=\"401\"} 1",
        "omniport_http_requests_total{route=\"unmatched\",method=\"other\",status=\"404\"} 1",
        "omniport_refusals_total{error=\"invalid_client\"} 1",
        "omniport_flow_left_out_total 0",
        "omniport_store_waiting_changes 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    for name in [
        "process_resident_memory_bytes ",
        "process_cpu_seconds_total ",
        "process_open_fds ",
    ] {
        assert!(text.contains(name), "{name}\n{text}");
    }
    let said = text.to_lowercase();
    assert!(!said.contains("intrude") && !said.contains("hush"), "{text}");
}

async fn asked(site: super::super::Front, from: &str, header: Option<&str>) -> u16 {
    let mut request = http::Request::get("/metrics").body(Body::empty()).unwrap();
    if let Some(name) = header {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, "192.0.2.1".parse().unwrap());
    }
    request
        .extensions_mut()
        .insert(Peer::new(from.parse().unwrap(), None));
    site.oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn on_the_site_it_is_for_this_machine_alone() {
    let (_folder, engine) = engine().await;
    let (site, _) = compose_behind(engine.clone(), Peers::default(), true);
    assert_eq!(asked(site.clone(), "127.0.0.1:1", None).await, 200);
    assert_eq!(asked(site.clone(), "[::1]:1", None).await, 200);
    assert_eq!(asked(site.clone(), "192.0.2.1:1", None).await, 404);
    for header in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
        assert_eq!(
            asked(site.clone(), "127.0.0.1:1", Some(header)).await,
            404,
            "{header}"
        );
    }
    let (site, _) = compose_behind(engine, Peers::default(), false);
    assert_eq!(
        asked(site, "127.0.0.1:1", None).await,
        404,
        "it has a listener of its own"
    );
}

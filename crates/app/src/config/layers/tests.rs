use super::*;
use std::io::Write;

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn with_file(text: &str) -> Result<Loaded, ConfigError> {
    let file = file(text);
    let flags = Flags {
        config: Some(file.path().to_owned()),
        ..Flags::default()
    };
    load(&flags, &BTreeMap::new())
}

#[test]
fn nothing_said_is_the_default() {
    let loaded = load(
        &Flags::default(),
        &environment(&[("PATH", "/bin"), ("OMNIPORT_PORT", "tcp://x")]),
    )
    .unwrap();
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.config.server.listen.to_string(), "127.0.0.1:8000");
}

#[test]
fn what_is_said_later_wins() {
    let file =
        file("[server]\nlisten = \"127.0.0.1:1\"\n[tokens]\ncode_seconds = 30\nsession_seconds = 600\n");
    let mut flags = Flags {
        config: Some(file.path().to_owned()),
        ..Flags::default()
    };
    let port = |flags: &Flags, pairs: &[(&str, &str)]| {
        load(flags, &environment(pairs))
            .unwrap()
            .config
            .server
            .listen
            .port()
    };
    assert_eq!(port(&flags, &[]), 1);
    assert_eq!(port(&flags, &[("OMNIPORT_SERVER_LISTEN", "127.0.0.1:2")]), 2);
    let both = [
        ("OMNIPORT_SERVER_LISTEN", "127.0.0.1:2"),
        ("OMNIPORT_LISTEN", "127.0.0.1:3"),
    ];
    assert_eq!(port(&flags, &both), 3);
    flags.listen = Some("127.0.0.1:4".into());
    assert_eq!(port(&flags, &both), 4);

    let loaded = load(&flags, &environment(&[("OMNIPORT_TOKENS_CODE_SECONDS", "45")])).unwrap();
    assert_eq!(
        (
            loaded.config.tokens.code_seconds,
            loaded.config.tokens.session_seconds
        ),
        (45, 600)
    );
    let origin = |section, name| loaded.origin(Key::find(section, name).unwrap()).to_string();
    assert_eq!(origin("server", "listen"), "from --listen");
    assert_eq!(
        origin("tokens", "code_seconds"),
        "from OMNIPORT_TOKENS_CODE_SECONDS"
    );
    assert_eq!(
        origin("tokens", "session_seconds"),
        format!("in {}", file.path().display())
    );
    assert_eq!(origin("log", "level"), "default");
}

#[test]
fn the_file_may_be_named_by_the_environment() {
    let file = file("[institution]\nname = \"IIT Roorkee\"\n");
    let path = file.path().display().to_string();
    let loaded = load(&Flags::default(), &environment(&[("OMNIPORT_CONFIG", &path)])).unwrap();
    assert_eq!(loaded.config.institution.name, "IIT Roorkee");
}

#[test]
fn unknown_keys_are_refused_with_what_there_is() {
    let told = |text| with_file(text).unwrap_err().to_string();
    assert!(
        told("[sever]\n").contains("no setting sever"),
        "{}",
        told("[sever]\n")
    );
    assert!(told("listen = \"x\"\n").contains("the sections are server, tls, database"));
    let typo = told("[tokens]\ncode_second = 1\n");
    assert!(
        typo.contains("tokens.code_second") && typo.contains("code_seconds"),
        "{typo}"
    );
    let typo = load(&Flags::default(), &environment(&[("OMNIPORT_LOG_LEVLE", "info")]))
        .unwrap_err()
        .to_string();
    assert!(
        typo.contains("from OMNIPORT_LOG_LEVLE") && typo.contains("format, level"),
        "{typo}"
    );
}

#[test]
fn unusable_values_are_refused_with_key_value_and_expectation() {
    for (text, key, value, expected) in [
        (
            "[server]\nlisten = \"here\"",
            "server.listen",
            "here",
            "127.0.0.1:8000",
        ),
        ("[server]\nlisten = 8000", "server.listen", "8000", "a port"),
        (
            "[server]\nissuer = \"http://a.example\"",
            "server.issuer",
            "http://a.example",
            "https",
        ),
        (
            "[tokens]\ncode_seconds = 601",
            "tokens.code_seconds",
            "601",
            "1 to 600",
        ),
        (
            "[tokens]\ncode_seconds = \"60\"",
            "tokens.code_seconds",
            "60",
            "1 to 600",
        ),
        ("[passwords]\nat_once = 0", "passwords.at_once", "0", "1 to 64"),
        (
            "[fetch]\ndeny_networks = [\"192.0.2.1/24\"]",
            "fetch.deny_networks",
            "192.0.2.1/24",
            "networks",
        ),
        (
            "[fetch]\nallow_hosts = [\"a:1\", \"http://b\"]",
            "fetch.allow_hosts",
            "http://b",
            "their ports",
        ),
        (
            "[fetch]\ntimeout_seconds = 31",
            "fetch.timeout_seconds",
            "31",
            "1 to 30",
        ),
        ("[log]\nlevel = \"loud\"", "log.level", "loud", "error, warn"),
        (
            "[institution]\nname = \" \"",
            "institution.name",
            "\" \"",
            "1 to 100",
        ),
    ] {
        let told = with_file(text).unwrap_err().to_string();
        assert!(
            told.contains(key) && told.contains(value) && told.contains(expected),
            "{told}"
        );
    }
    let pairs = environment(&[("OMNIPORT_TOKENS_CODE_SECONDS", "soon")]);
    let told = load(&Flags::default(), &pairs).unwrap_err().to_string();
    assert!(
        told.contains("\"soon\" (from OMNIPORT_TOKENS_CODE_SECONDS)"),
        "{told}"
    );
}

#[test]
fn all_the_mistakes_are_told_at_once() {
    let file = file("[sever]\n[log]\nlevel = \"loud\"\nfromat = \"json\"\n[tokens]\ncode_seconds = 0\n");
    let flags = Flags {
        config: Some(file.path().to_owned()),
        issuer: Some("http://a.example".into()),
        ..Flags::default()
    };
    let pairs = environment(&[("OMNIPORT_PASSWORDS_AT_ONCE", "many")]);
    let told = load(&flags, &pairs).unwrap_err().to_string();
    for key in [
        "sever",
        "log.level",
        "log.fromat",
        "tokens.code_seconds",
        "passwords.at_once",
        "server.issuer",
    ] {
        assert!(told.contains(key), "{key}: {told}");
    }
    assert_eq!(told.lines().count(), 6, "a line each: {told}");
}

#[test]
fn a_path_counts_from_the_file_that_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("omniport.toml");
    std::fs::write(
        &path,
        "[institution]\ncatalogue = \"own.toml\"\ndeveloper_terms = \"/srv/terms.md\"\n",
    )
    .unwrap();
    let flags = Flags {
        config: Some(path),
        ..Flags::default()
    };
    let institution = load(&flags, &BTreeMap::new()).unwrap().config.institution;
    assert_eq!(institution.catalogue, Some(folder.path().join("own.toml")));
    assert_eq!(institution.developer_terms, Some("/srv/terms.md".into()));
    let pairs = environment(&[("OMNIPORT_INSTITUTION_CATALOGUE", "here.toml")]);
    let institution = load(&flags, &pairs).unwrap().config.institution;
    assert_eq!(institution.catalogue, Some("here.toml".into()));
}

#[test]
fn hosts_are_allowed_by_the_environment_too() {
    let pairs = environment(&[("OMNIPORT_FETCH_ALLOW_HOSTS", "localhost:8443, [::1]:80 ")]);
    let fetch = load(&Flags::default(), &pairs).unwrap().config.fetch;
    assert_eq!(fetch.allow_hosts, ["localhost:8443", "[::1]:80"]);
    let pairs = environment(&[("OMNIPORT_FETCH_ALLOW_HOSTS", "localhost")]);
    let told = load(&Flags::default(), &pairs).unwrap_err().to_string();
    assert!(told.contains("from OMNIPORT_FETCH_ALLOW_HOSTS"), "{told}");
}

#[test]
fn a_variable_that_is_no_setting_is_noted() {
    let pairs = environment(&[
        ("OMNIPORT_CODE_SECONDS", "30"),
        ("OMNIPORT_LISTNE", "127.0.0.1:1"),
        ("OMNIPORT_LOG", "debug"),
        ("OMNIPORT_DATABASE", "sqlite:a.db"),
        ("OMNIPORT_SERVER_LISTEN", "127.0.0.1:2"),
        ("OMNIPORT_PORT", "tcp://10.0.0.1:8000"),
        ("OMNIPORT_PORT_8000_TCP_ADDR", "10.0.0.1"),
        ("OMNIPORT_SERVICE_HOST", "10.0.0.1"),
        ("OMNIPORT", "/usr/bin/omniport"),
        ("HOME", "/"),
    ]);
    let loaded = load(&Flags::default(), &pairs).unwrap();
    assert_eq!(
        loaded.strangers(),
        ["OMNIPORT_CODE_SECONDS", "OMNIPORT_LISTNE", "OMNIPORT_LOG"]
    );
}

#[test]
fn a_broken_file_is_told_with_its_line() {
    let told = with_file("[server]\nlisten = \n").unwrap_err().to_string();
    assert!(told.contains("line 2"), "{told}");
    let gone = Flags {
        config: Some("/no/such/file".into()),
        ..Flags::default()
    };
    assert!(
        load(&gone, &BTreeMap::new())
            .unwrap_err()
            .to_string()
            .contains("/no/such/file")
    );
}

#[test]
fn a_list_is_an_array_or_words() {
    let networks = |loaded: &Loaded| {
        let proxies = &loaded.config.server.trusted_proxies;
        proxies.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let loaded = with_file("[server]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n").unwrap();
    assert_eq!(networks(&loaded), ["127.0.0.1", "10.0.0.0/8"]);
    let pairs = environment(&[("OMNIPORT_SERVER_TRUSTED_PROXIES", "::1, 10.0.0.0/8")]);
    assert_eq!(
        networks(&load(&Flags::default(), &pairs).unwrap()),
        ["::1", "10.0.0.0/8"]
    );
    for wrong in ["\"127.0.0.1\"", "[\"proxy\"]", "[1]"] {
        let told = with_file(&format!("[server]\ntrusted_proxies = {wrong}\n"))
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("server.trusted_proxies") && told.contains("10.0.0.0/8"),
            "{told}"
        );
    }
}

#[test]
fn a_flag_is_true_or_false() {
    let pairs = environment(&[("OMNIPORT_TLS_CLIENT_CERTIFICATES", "true")]);
    assert!(
        load(&Flags::default(), &pairs)
            .unwrap()
            .config
            .tls
            .client_certificates
    );
    let told = with_file("[tls]\nclient_certificates = \"yes\"\n")
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("tls.client_certificates") && told.contains("true or false"),
        "{told}"
    );
}

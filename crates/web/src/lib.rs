//! omniport-web

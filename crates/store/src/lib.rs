//! omniport-store

//! omniport-engine

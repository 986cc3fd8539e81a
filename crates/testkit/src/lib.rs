//! omniport-testkit

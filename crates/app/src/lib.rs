//! omniport

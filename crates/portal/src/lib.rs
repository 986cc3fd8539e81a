//! omniport-portal

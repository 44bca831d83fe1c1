//! The option `cache`: what the next process finds, whatever happened to the folder meanwhile. Each test runs child processes, which are this
//! binary again, with the ignored test `child::child`.

#![cfg(all(unix, feature = "cache"))]

mod child;
mod deferred;
mod entries;
mod layers;
mod stress;
mod warm;

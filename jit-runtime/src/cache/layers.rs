//! Caches that are only read, under the user's: folders, bundle files, and bundles that the program contains.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::bundle::Bundle;
use super::entry::{Entry, EntryError};
use super::key::Key;
use super::store::{ReadError, Store};
use crate::config::config;
use crate::events::tell;

/// A cache that is only read.
#[derive(Debug)]
pub(super) enum Layer {
    Folder(Store),
    Bundle(Bundle),
}

impl Layer {
    fn open(path: &Path) -> Result<Self, ReadError> {
        let metadata = std::fs::metadata(path).map_err(ReadError::Io)?;
        if metadata.is_dir() {
            let store = Store::open_layer(path.to_owned()).map_err(ReadError::Untrusted)?;
            return Ok(Layer::Folder(store));
        }
        Bundle::open(path).map(Layer::Bundle)
    }

    pub(super) fn find(&self, key: Key) -> Result<Entry, ReadError> {
        match self {
            Layer::Folder(store) => store.find_in_layer(key),
            Layer::Bundle(bundle) => bundle.find(key),
        }
    }
}

/// In the order in which they are asked. `None` until somebody asks: then those of the environment are opened.
static LAYERS: RwLock<Option<Vec<Arc<Layer>>>> = RwLock::new(None);

/// The layers, in the order in which they are asked.
pub(super) fn all() -> Vec<Arc<Layer>> {
    if let Some(layers) = &*LAYERS.read().unwrap_or_else(PoisonError::into_inner) {
        return layers.clone();
    }
    let opened = from_environment();
    let mut layers = LAYERS.write().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have been here meanwhile.
    layers.get_or_insert(opened).clone()
}

fn from_environment() -> Vec<Arc<Layer>> {
    let mut layers = Vec::new();
    for path in &config().cache_layers {
        match Layer::open(path) {
            Ok(layer) => layers.push(Arc::new(layer)),
            Err(error) => {
                let path = path.display();
                tell!(Warn, "hotloop: the cache layer {path} is not used: {error}");
            }
        }
    }
    layers
}

fn add(layer: Layer) {
    // Those of the environment come first.
    all();
    let mut layers = LAYERS.write().unwrap_or_else(PoisonError::into_inner);
    layers.get_or_insert_default().push(Arc::new(layer));
}

/// Adds a layer: a folder of entries, or a file that `hotloop bundle` made. It is only read, and asked where the user's own folder and the
/// layers before it have nothing. It must belong to the user or to root, and be writable for nobody else.
///
/// # Errors
///
/// Why it is not used.
pub fn add_layer(path: impl Into<PathBuf>) -> Result<(), ReadError> {
    Layer::open(&path.into()).map(add)
}

/// Adds a bundle that is part of the program as a layer; `include_hotloop_cache!` does it. Gives how many entries it has. No bytes at all
/// are a bundle without entries.
///
/// # Errors
///
/// If the bytes are no bundle of this version.
pub fn add_bundle(bytes: &'static [u8]) -> Result<usize, EntryError> {
    let bundle = Bundle::embedded(bytes)?;
    let n_entries = bundle.len();
    if n_entries > 0 {
        add(Layer::Bundle(bundle));
    }
    Ok(n_entries)
}

/// What `include_hotloop_cache!` expands to: [`add_bundle`], and a warning if that does not work.
#[doc(hidden)]
pub fn include(bytes: &'static [u8], path: &str) {
    if let Err(error) = add_bundle(bytes) {
        tell!(
            Warn,
            "hotloop: the bundle {path} in this program is not used: {error}"
        );
    }
}

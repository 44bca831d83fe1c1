//! The syntax of a captured function, as the macro embeds it.

use serde::{Deserialize, Serialize};

/// A captured function as syntax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function;

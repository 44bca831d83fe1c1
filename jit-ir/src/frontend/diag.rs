//! Problems at the tokens of the source.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::lower::Code;

/// One problem of a function.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// What kind.
    pub code: Code,
    /// The fact: lower case, no full stop, names in back-ticks.
    pub message: String,
    /// The way out.
    pub help: String,
    /// The smallest token that is wrong.
    pub span: Span,
}

impl Diagnostic {
    /// `compile_error!` at the token, with the help on a line of its own.
    pub fn to_compile_error(&self) -> TokenStream {
        let text = format!("{}\nhelp: {}", self.message, self.help);
        quote_spanned! { self.span => ::core::compile_error!(#text); }
    }
}

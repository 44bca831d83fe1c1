//! Capture: a function as syn parsed it becomes IR.
//!
//! One walk over the body lowers it and infers its types at once: an expression gets a type variable where its type is not
//! known yet, and `finish` writes the answers in. What an expression needs done before it (a block with statements, a
//! `match`-like `if`) is emitted as statements into the current frame; operands to its left that such statements could change are
//! put into temporaries first, so that everything happens in Rust's order.

mod bounds;
mod diag;
mod expr;
mod finish;
mod infer;
mod loops;
mod lower;
mod macros;
mod methods;
mod pat;
mod paths;
mod place;
mod replay;
mod show;
mod signature;
mod stmt;
#[cfg(test)]
mod tests;
mod ty;

pub use diag::{Code, Diagnostic};
use proc_macro2::{Span, TokenStream};

use crate::func::Function;

/// A function that was captured.
#[derive(Debug)]
pub struct Captured {
    /// Its IR, generic if the function is.
    pub function: Function,
    /// For each trap site of the function, in the same order, how to panic there.
    pub sites: Vec<CapturedSite>,
    /// The user's function, with the types that were inferred for its `let`s written in, so that a disagreement with rustc is
    /// a compile error at that `let`.
    pub retained: syn::ItemFn,
    /// What the capture took for granted: that a type parameter (by its index) has a trait, a path below num-traits' root. The
    /// user's bounds imply it, unless a trait of theirs has the name of one of num-traits.
    pub relied_on: Vec<(usize, TokenStream)>,
}

/// How the shim panics at a trap site.
#[derive(Debug)]
pub struct CapturedSite {
    /// The user's token that the panic is located at.
    pub span: Span,
    /// Statements that do again what the user's code did, on the operands in the payload `__hotloop_trap`.
    pub replay: TokenStream,
}

/// Captures a function.
///
/// # Errors
/// All problems of the function, in the order of the source.
pub fn capture(item: &syn::ItemFn) -> Result<Captured, Vec<Diagnostic>> {
    // The addresses of `let`s identify them between the walk and the writing of their types, so walk the copy.
    let mut retained = item.clone();
    let lowered = lower::lower(&retained)?;
    let relied_on = (lowered.bounds.iter().enumerate())
        .flat_map(|(index, bounds)| {
            bounds
                .relied_on()
                .into_iter()
                .map(move |path| (index, path))
        })
        .collect();
    let (function, sites, let_types) = finish::finish(lowered)?;
    finish::write_let_types(&mut retained, &let_types);
    Ok(Captured {
        function,
        sites,
        retained,
        relied_on,
    })
}

//! The `#[jit]` attribute. Use it through the facade `hotloop`, which documents the language that it accepts.

mod attributes;
mod expand;
mod options;
mod profile;

use hotloop_ir::frontend::{Diagnostic, capture};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ItemFn;

use options::Problem;

/// Compiles a numeric function at run time, for the machine it runs on and the types it is called with.
///
/// The function stays what it is, an ordinary Rust function with the same signature. Its first call compiles it; where that
/// is not possible, calls run the body that rustc compiled. A type of the same name holds the tools: for a function `dot`,
/// `dot::plain(..)` is rustc's version, `dot::compile()` compiles now, `dot::specializations()`, `dot::ir()`,
/// `dot::llvm_ir()` and `dot::asm()` show what became of it.
///
/// What cannot be compiled is a compile error at the token that stands in the way.
///
/// # Options
///
/// - `fastmath`: float operations may be regrouped, fused and approximated, and the sign of zero may change; nothing that could
///   be undefined behaviour. `fastmath(reassoc, contract, nsz, arcp, afn)` grants only what is listed.
///   `fastmath(unsafe(nnan, ninf))` lets the compiler assume that no value is NaN or infinite.
/// - `parallel` and `cache` are not available yet.
#[proc_macro_attribute]
pub fn jit(
    attribute: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    expand_attribute(attribute.into(), &item)
        .unwrap_or_else(|errors| {
            // The function as it was, so that the rest of the crate is not short of it.
            quote!(#(#errors)* #item)
        })
        .into()
}

/// The expansion, or every error as `compile_error!`.
fn expand_attribute(
    attribute: TokenStream,
    item: &TokenStream,
) -> Result<TokenStream, Vec<TokenStream>> {
    let to_errors = |problems: Vec<Problem>| -> Vec<TokenStream> {
        problems.iter().map(Problem::to_compile_error).collect()
    };
    let options = options::parse(attribute).map_err(to_errors);
    let parsed = parse_item(item).map_err(|problem| to_errors(vec![problem]));
    let captured = parsed.and_then(|item| match capture(&item) {
        Ok(captured) => Ok((item, captured)),
        Err(diagnostics) => Err(diagnostics
            .iter()
            .map(Diagnostic::to_compile_error)
            .collect()),
    });
    let (options, (item, captured)) = match (options, captured) {
        (Ok(options), Ok(captured)) => (options, captured),
        (options, captured) => {
            let mut errors = options.err().unwrap_or_default();
            errors.extend(captured.err().unwrap_or_default());
            return Err(errors);
        }
    };
    let input = expand::Input {
        item: &item,
        retained: &captured.retained,
        function: &captured.function,
        replays: captured.sites.iter().map(|site| &site.replay).collect(),
        relied_on: &captured.relied_on,
        options: &options,
        profile: &profile::Profile::of_this_compilation(),
    };
    expand::expand(&input).map_err(to_errors)
}

fn parse_item(item: &TokenStream) -> Result<ItemFn, Problem> {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        let without_body = syn::parse2::<syn::TraitItemFn>(item.clone()).is_ok();
        let (message, help) = if without_body {
            (
                "`#[jit]` needs a function with a body",
                "put it on a free function",
            )
        } else {
            ("`#[jit]` is for functions", "put it on a free function")
        };
        return Err(Problem::new(Span::call_site(), message, help));
    };
    let is_jit = |attribute: &&syn::Attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| last.ident == "jit")
    };
    match function.attrs.iter().find(is_jit) {
        Some(second) => Err(Problem::new(
            syn::spanned::Spanned::span(second.path()),
            "`#[jit]` is given twice",
            "remove one",
        )),
        None => Ok(function),
    }
}

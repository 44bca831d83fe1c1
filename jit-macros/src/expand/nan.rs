//! Warnings about tests for what `fastmath(unsafe(..))` says does not occur.
//!
//! A macro cannot warn, but rustc does where something deprecated is used:
//!
//! ```text
//! const _: () = {
//!     #[deprecated(note = "`fastmath(unsafe(nnan))` says that no value is NaN, so ..")]
//!     const is_nan: () = ();
//!     is_nan    // with the span of the user's token
//! };
//! ```
//!
//! The attributes of the function about lints are repeated, so that `#[allow(deprecated)]` on it silences them.

use hotloop_ir::FastMath;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::Input;
use super::ours::our_span;
use crate::attributes;

/// The names that make no sense without NaN, and those that make none without infinities.
const NAN: [&str; 3] = ["is_nan", "NAN", "nan"];
const INFINITE: [&str; 5] = [
    "is_infinite",
    "INFINITY",
    "NEG_INFINITY",
    "infinity",
    "neg_infinity",
];

/// A warning for each use of such a name in the body.
pub(super) fn warnings(input: &Input<'_>) -> TokenStream {
    let granted = input.options.liberties();
    if !granted.nnan && !granted.ninf {
        return TokenStream::new();
    }
    let mut uses = Vec::new();
    find(
        input.item.block.to_token_stream(),
        granted,
        false,
        &mut uses,
    );
    let cfgs = attributes::sort(&input.item.attrs).item;
    let lints: Vec<_> = (input.item.attrs.iter())
        .filter(|attribute| {
            let path = attribute.path();
            ["allow", "warn", "deny", "forbid"]
                .iter()
                .any(|level| path.is_ident(level))
        })
        .collect();
    let warnings = uses.into_iter().map(|(name, liberty)| {
        let note = note(&name.to_string(), liberty);
        let mut name = name;
        name.set_span(our_span(name.span()));
        quote! {
            #(#cfgs)*
            #(#lints)*
            const _: () = {
                #[deprecated(note = #note)]
                #[allow(non_upper_case_globals)]
                const #name: () = ();
                #name
            };
        }
    });
    warnings.collect()
}

fn note(name: &str, liberty: &str) -> String {
    let what = match liberty {
        "nnan" => "NaN",
        _ => "infinite",
    };
    let consequence = match name {
        "is_nan" | "is_infinite" => "this may be compiled to `false`",
        "is_finite" => "this may be compiled to `true`",
        _ => "to compute with this value is undefined behaviour",
    };
    format!(
        "`fastmath(unsafe({liberty}))` promises that no value is {what}: {consequence}. Remove one of them, or allow `deprecated` for this function"
    )
}

/// Methods are behind a point, constants and functions behind `::`.
fn find(
    tokens: TokenStream,
    granted: FastMath,
    mut is_member: bool,
    uses: &mut Vec<(Ident, &'static str)>,
) {
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if is_member => {
                let name = ident.to_string();
                if granted.nnan && (NAN.contains(&name.as_str()) || name == "is_finite") {
                    uses.push((ident.clone(), "nnan"));
                } else if granted.ninf && (INFINITE.contains(&name.as_str()) || name == "is_finite")
                {
                    uses.push((ident.clone(), "ninf"));
                }
            }
            TokenTree::Group(group) => find(group.stream(), granted, false, uses),
            _ => {}
        }
        is_member =
            matches!(&token, TokenTree::Punct(punct) if matches!(punct.as_char(), '.' | ':'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_for_nan_are_found() {
        let found = |source: &str, granted: FastMath| {
            let mut uses = Vec::new();
            find(source.parse().unwrap(), granted, false, &mut uses);
            let names: Vec<_> = uses.iter().map(|(name, _)| name.to_string()).collect();
            names.join(" ")
        };
        let source =
            "{ let nan = x.is_nan() || f64::NAN > y; (z.is_finite(), T::infinity(), is_nan) }";
        let (nnan, ninf) = (
            FastMath {
                nnan: true,
                ..FastMath::STRICT
            },
            FastMath {
                ninf: true,
                ..FastMath::STRICT
            },
        );
        assert_eq!(found(source, nnan), "is_nan NAN is_finite");
        assert_eq!(found(source, ninf), "is_finite infinity");
    }
}

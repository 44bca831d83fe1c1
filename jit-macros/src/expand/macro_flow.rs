//! Macros that may leave the function or the loop that they stand in, called in a closure that says how they left:
//!
//! ```text
//! let mut state = 0;
//! let mut value = None;
//! let left = (|| -> f64 {
//!     let mut rounds = 0;
//!     while { rounds += 1; rounds == 1 } {
//!         value = Some({ bail!(x); });
//!         state = 1;
//!         return 0.0;
//!     }
//!     state = if rounds == 1 { 2 } else { 3 };
//!     0.0
//! })();
//! ```
//!
//! Behind that, `state` is 1 if the macro went on, 2 behind a `break`, 3 behind a `continue`, and 0 if `left` was returned.

use hotloop_ir::ScalarTy;
use hotloop_ir::frontend::{ExternKind, ExternUse, Leaves, Returned};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use super::deps::Asker;
use super::shim::scalar_tokens;

/// The macros that may leave, and how.
pub(super) fn leaving(uses: &[ExternUse]) -> Vec<(u32, Leaves)> {
    (uses.iter())
        .filter_map(|of| match &of.kind {
            ExternKind::Macro { leaves, .. } if *leaves != Leaves::Nowhere => {
                Some((of.node, leaves.clone()))
            }
            _ => None,
        })
        .collect()
}

impl Asker<'_> {
    /// A macro as a `Result`: `Ok` of its value, or `Err` of what [`hotloop_ir::frontend::Leaves`] has for the way that it left by.
    pub(super) fn flowing(
        &self,
        lifted: &TokenStream,
        returned: &Returned,
        in_loop: bool,
        is_statement: bool,
    ) -> TokenStream {
        let ty = match self.output {
            syn::ReturnType::Default => quote!(()),
            syn::ReturnType::Type(_, ty) => super::ours::as_ours(ty.to_token_stream()),
        };
        let value_ty = is_statement.then(|| quote!(: ::core::option::Option<()>));
        let nothing = nothing(returned);
        let once = quote! {
            __hotloop_value = ::core::option::Option::Some(#lifted);
            __hotloop_state = 1u8;
            return #nothing;
        };
        let body = match in_loop {
            false => once,
            true => quote! {
                let mut __hotloop_rounds = 0u8;
                while {
                    __hotloop_rounds += 1;
                    __hotloop_rounds == 1
                } {
                    #once
                }
                __hotloop_state = if __hotloop_rounds == 1 { 2 } else { 3 };
                #nothing
            },
        };
        let how = |number: u8, returned: TokenStream| {
            let number = Literal::u8_suffixed(number);
            match returned.is_empty() {
                true => quote!(#number),
                false => quote!((#number, #returned)),
            }
        };
        let no_parts = no_parts(returned);
        let [breaks, continues] =
            [Leaves::BREAK, Leaves::CONTINUE].map(|number| how(number, no_parts.clone()));
        let returns = match returned {
            Returned::Unit => how(Leaves::RETURN, TokenStream::new()),
            Returned::Scalar(_) => how(Leaves::RETURN, quote!(__hotloop_left)),
            Returned::Tuple(elems) => {
                let parts = (0..elems.len()).map(syn::Index::from);
                how(Leaves::RETURN, quote!(#(__hotloop_left.#parts),*))
            }
            Returned::Option(_) => {
                let some = how(Leaves::RETURN, quote!(__hotloop_some));
                let none = how(Leaves::RETURN_OTHER, no_parts);
                quote! {
                    match __hotloop_left {
                        ::core::option::Option::Some(__hotloop_some) => #some,
                        ::core::option::Option::None => #none,
                    }
                }
            }
            Returned::Result(ok, err) => {
                let zero = |scalar: &Option<ScalarTy>| scalar.map(zero);
                let (no_ok, no_err) = (zero(ok), zero(err));
                let part = quote!(__hotloop_part);
                let ok = ok.is_some().then_some(&part);
                let err = err.is_some().then_some(&part);
                let list = |parts: [Option<TokenStream>; 2]| {
                    let parts = parts.into_iter().flatten();
                    quote!(#(#parts),*)
                };
                let ok = how(Leaves::RETURN, list([ok.cloned(), no_err]));
                let err = how(Leaves::RETURN_OTHER, list([no_ok, err.cloned()]));
                quote! {
                    match __hotloop_left {
                        ::core::result::Result::Ok(__hotloop_part) => #ok,
                        ::core::result::Result::Err(__hotloop_part) => #err,
                    }
                }
            }
        };
        quote!({
            #[allow(warnings)]
            let __hotloop_flow = {
            let mut __hotloop_state = 0u8;
            let mut __hotloop_value #value_ty = ::core::option::Option::None;
            let __hotloop_left = (|| -> #ty { #body })();
            match (__hotloop_state, __hotloop_value) {
                (1, ::core::option::Option::Some(__hotloop_value)) => {
                    ::core::result::Result::Ok(__hotloop_value)
                }
                (2, _) => ::core::result::Result::Err(#breaks),
                (3, _) => ::core::result::Result::Err(#continues),
                _ => ::core::result::Result::Err(#returns),
            }
            };
            __hotloop_flow
        })
    }
}

/// A value of the result, where none is returned.
fn nothing(returned: &Returned) -> TokenStream {
    match returned {
        Returned::Unit => quote!(()),
        Returned::Scalar(scalar) => zero(*scalar),
        Returned::Tuple(elems) => {
            let elems = elems.iter().map(|scalar| zero(*scalar));
            quote!((#(#elems,)*))
        }
        Returned::Option(_) => quote!(::core::option::Option::None),
        Returned::Result(ok, _) => {
            let ok = ok.map_or_else(|| quote!(()), zero);
            quote!(::core::result::Result::Ok(#ok))
        }
    }
}

/// The parts of one, behind the number.
fn no_parts(returned: &Returned) -> TokenStream {
    let scalars: Vec<ScalarTy> = match returned {
        Returned::Unit => Vec::new(),
        Returned::Scalar(scalar) | Returned::Option(scalar) => vec![*scalar],
        Returned::Tuple(elems) => elems.clone(),
        Returned::Result(ok, err) => ok.iter().chain(err).copied().collect(),
    };
    let zeros = scalars.into_iter().map(zero);
    quote!(#(#zeros),*)
}

fn zero(scalar: ScalarTy) -> TokenStream {
    let ty = scalar_tokens(scalar);
    match scalar {
        ScalarTy::Bool => quote!(false),
        _ => quote!((0u8 as #ty)),
    }
}

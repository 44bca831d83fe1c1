//! The inferred types of variables, written where rustc sees them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;

use crate::ty::Ty;

/// The inferred type of a `let`, by the address of its syntax.
pub(super) type LetType<'a> = (*const syn::Local, &'a Ty);

/// The type as a path that no user's name can shadow; type parameters by their own names. `None` for what cannot be written.
fn type_tokens(ty: &Ty, params: &[Ident], span: Span) -> Option<TokenStream> {
    Some(match ty {
        Ty::Unit => quote_spanned!(span => ()),
        Ty::Scalar(scalar) => {
            let name = Ident::new(scalar.name(), span);
            quote_spanned!(span => ::core::primitive::#name)
        }
        Ty::Param(index) => params.get(*index as usize)?.to_token_stream(),
        Ty::Tuple(elems) => {
            let elems = elems.iter().map(|elem| type_tokens(elem, params, span));
            let elems = elems.collect::<Option<Vec<_>>>()?;
            quote_spanned!(span => (#(#elems,)*))
        }
        Ty::Array { elem, len } => {
            let elem = type_tokens(elem, params, span)?;
            let len = usize::try_from(*len).ok()?;
            quote_spanned!(span => [#elem; #len])
        }
        Ty::Slice { elem, mutable } => {
            let elem = type_tokens(elem, params, span)?;
            if *mutable {
                quote_spanned!(span => &mut [#elem])
            } else {
                quote_spanned!(span => &[#elem])
            }
        }
        Ty::Ref { to, mutable } => {
            let to = type_tokens(to, params, span)?;
            if *mutable {
                quote_spanned!(span => &mut #to)
            } else {
                quote_spanned!(span => &#to)
            }
        }
        Ty::Struct(_) => return None,
    })
}

/// Writes the inferred types into the `let`s that they belong to.
pub(super) fn write_let_types(item: &mut syn::ItemFn, params: &[Ident], types: &[LetType<'_>]) {
    struct Writer<'a> {
        params: &'a [Ident],
        types: &'a [LetType<'a>],
    }
    impl VisitMut for Writer<'_> {
        fn visit_local_mut(&mut self, local: &mut syn::Local) {
            syn::visit_mut::visit_local_mut(self, local);
            let address = std::ptr::from_ref::<syn::Local>(local);
            let known = self.types.iter().find(|(known, _)| *known == address);
            let span = local.pat.span();
            let Some(ty) = known
                .and_then(|(_, ty)| type_tokens(ty, self.params, span))
                .and_then(|tokens| syn::parse2(tokens).ok())
            else {
                return;
            };
            let pat = std::mem::replace(
                &mut local.pat,
                syn::Pat::Wild(syn::PatWild {
                    attrs: Vec::new(),
                    underscore_token: Default::default(),
                }),
            );
            local.pat = syn::Pat::Type(syn::PatType {
                attrs: Vec::new(),
                pat: Box::new(pat),
                colon_token: syn::Token![:](span),
                ty: Box::new(ty),
            });
        }
    }
    Writer { params, types }.visit_block_mut(&mut item.block);
}

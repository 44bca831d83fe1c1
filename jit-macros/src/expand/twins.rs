//! How callers of a jitted method find it, and what they learn of it: its twin, its own type, which methods come before it.

use hotloop_ir::ScalarTy;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, ItemImpl, Type};

use super::generics::Generics;
use super::methods::Expansion;
use super::ours::as_ours;
use super::{deps, name_pattern, twin_output};
use crate::describe::mentions;

/// Traits of which a type may have several `impl`s.
const OFTEN_IMPLEMENTED: &[&str] = &[
    "From",
    "TryFrom",
    "Into",
    "TryInto",
    "AsRef",
    "AsMut",
    "Borrow",
    "BorrowMut",
    "FromIterator",
    "Extend",
    "Sum",
    "Product",
    "Pow",
];

/// Traits of num-traits that have functions of the same names.
const WITH_COMMON_NAMES: &[&str] = &["Float", "FloatCore", "Real"];

/// Whether no `impl` for the type itself can be written: it is of another crate, as numbers and slices are, or a parameter.
fn is_foreign(item: &ItemImpl) -> bool {
    match &*item.self_ty {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return false;
            };
            let name = last.ident.to_string();
            let is_param = path.path.get_ident().is_some_and(|name| {
                let mut params = item.generics.type_params();
                params.any(|param| param.ident == *name)
            });
            let of_ecosystem = [
                "Complex",
                "Complex32",
                "Complex64",
                "Option",
                "Vec",
                "String",
            ];
            is_param || ScalarTy::from_name(&name).is_some() || of_ecosystem.contains(&&*name)
        }
        _ => true,
    }
}

impl Expansion<'_> {
    /// What says of the marker which method it is. `None` if that cannot be named.
    pub(super) fn function(&self) -> Option<TokenStream> {
        let signature = &self.input.item.sig;
        let takes_impl = (signature.inputs.iter()).any(
            |input| matches!(input, FnArg::Typed(typed) if matches!(*typed.ty, Type::ImplTrait(_))),
        );
        if takes_impl || !self.generics.closures.is_empty() {
            return None;
        }
        let ty = as_ours(self.item.self_ty.to_token_stream());
        let name = as_ours(signature.ident.to_token_stream());
        let turbofish = Generics::turbofish(&signature.generics, &self.generics.closures);
        let path = match &self.item.trait_ {
            Some((path, _)) => {
                let path = as_ours(path.to_token_stream());
                quote!(<#ty as #path>)
            }
            None => quote!(<#ty>),
        };
        let method = self.outside(quote!(#path::#name #turbofish));
        Some(quote! {
            fn function() -> ::core::option::Option<::core::any::TypeId> {
                ::core::option::Option::Some(::hotloop::__private::method_id(#method))
            }
        })
    }

    /// What says which method this is, for callers that know its type alone. `None` if it is one for each of some types.
    pub(super) fn registered(&self) -> Option<TokenStream> {
        let (path, _) = self.item.trait_.as_ref()?;
        let signature = &self.input.item.sig;
        let takes_impl = (signature.inputs.iter()).any(
            |input| matches!(input, FnArg::Typed(typed) if matches!(*typed.ty, Type::ImplTrait(_))),
        );
        let has_params = (signature.generics.params.iter())
            .any(|param| !matches!(param, syn::GenericParam::Lifetime(_)));
        if !self.is_by_marker || has_params || takes_impl || self.is_tracked() {
            return None;
        }
        let item_attrs = &self.attributes.item;
        let marker = self.hidden_name("__hotloop_marker_of_");
        let ty = as_ours(self.item.self_ty.to_token_stream());
        let path = as_ours(path.to_token_stream());
        let name = as_ours(signature.ident.to_token_stream());
        let type_args = self.generics.type_args();
        Some(quote! {
            #(#item_attrs)*
            {
                __hotloop_methods.add::<#marker, #type_args, _>(<#ty as #path>::#name);
            }
        })
    }

    /// Whether it has the place of its caller, which rustc's code alone knows: then that calls it.
    pub(super) fn is_tracked(&self) -> bool {
        !self.attributes.trap.is_empty()
    }

    /// What says whether references to the type have the method, too, which then comes before that of what they lead to.
    pub(super) fn for_references(&self) -> Option<TokenStream> {
        let (path, _) = self.item.trait_.as_ref()?;
        let is_by_value = (self.input.item.sig.receiver()).is_some_and(|receiver| {
            // Of a type of another crate, its type is written out.
            match &receiver.kind {
                syn::ReceiverKind::Value => true,
                syn::ReceiverKind::Typed(_, ty) => !matches!(**ty, Type::Reference(_)),
                _ => false,
            }
        });
        if !is_by_value || !self.is_by_marker || !self.item.generics.params.is_empty() {
            return None;
        }
        let ty = as_ours(self.item.self_ty.to_token_stream());
        let path = self.outside(as_ours(path.to_token_stream()));
        Some(quote! {
            fn for_references() -> bool {
                struct __HotloopIs<T>(::core::marker::PhantomData<T>);
                trait __HotloopIsNot {
                    const FOUND: bool = false;
                }
                impl<T> __HotloopIsNot for __HotloopIs<T> {}
                #[allow(dead_code)]
                impl<T: #path> __HotloopIs<T> {
                    const FOUND: bool = true;
                }
                <__HotloopIs<&#ty>>::FOUND || <__HotloopIs<&mut #ty>>::FOUND
            }
        })
    }

    /// What the method takes, by the name of a type of `precedence`.
    pub(super) fn takes(&self) -> Option<Ident> {
        let receiver = self.input.item.sig.receiver()?;
        let mutable = match &receiver.kind {
            syn::ReceiverKind::Reference(_, _, mutable) => Some(mutable.is_some()),
            syn::ReceiverKind::Typed(_, ty) => match &**ty {
                Type::Reference(ty) => Some(ty.mutability.is_some()),
                _ => None,
            },
            _ => None,
        };
        Some(match mutable {
            Some(false) => format_ident!("TakesRef"),
            Some(true) => format_ident!("TakesMut"),
            None if self.for_references().is_some() => format_ident!("TakesSelfKnown"),
            None => format_ident!("TakesSelf"),
        })
    }

    /// What says that the type has the method itself.
    pub(super) fn own_method(&self) -> Option<TokenStream> {
        let takes = self.takes()?;
        let item_attrs = &self.attributes.item;
        let hash = deps::name_hash(&self.name);
        let self_ty = as_ours(self.item.self_ty.to_token_stream());
        let (params, _, clause) = self.item.generics.split_for_impl();
        let (params, clause) = (
            as_ours(params.to_token_stream()),
            as_ours(clause.to_token_stream()),
        );
        Some(quote! {
            #(#item_attrs)*
            impl #params ::hotloop::__private::precedence::OwnMethod<#hash> for #self_ty #clause {
                type Takes = ::hotloop::__private::precedence::#takes;
            }
        })
    }

    /// How callers find a method of a trait.
    pub(super) fn trait_twin(&self, marker: &Ident) -> TokenStream {
        let Some((path, _)) = &self.item.trait_ else {
            return TokenStream::new();
        };
        let signature = &self.input.item.sig;
        let has_params = signature
            .generics
            .params
            .iter()
            .any(|param| !matches!(param, syn::GenericParam::Lifetime(_)));
        let is_often = (path.segments.last())
            .is_some_and(|last| OFTEN_IMPLEMENTED.iter().any(|name| last.ident == name));
        let is_open = (self.item.generics.type_params())
            .any(|param| !mentions(&self.item.self_ty, std::slice::from_ref(&param.ident)));
        if has_params
            || is_often
            || is_open
            || is_foreign(self.item)
            || self.is_tracked()
            || self.args.impossible && signature.receiver().is_none()
        {
            return TokenStream::new();
        }
        let item_attrs = &self.attributes.item;
        let type_args = self.generics.type_args();
        let self_ty = as_ours(self.item.self_ty.to_token_stream());
        let (params, _, clause) = self.item.generics.split_for_impl();
        let (params, clause) = (
            as_ours(params.to_token_stream()),
            as_ours(clause.to_token_stream()),
        );
        if signature.receiver().is_some() {
            let hash = deps::name_hash(&self.name);
            let takes = self.takes();
            return quote! {
                #(#item_attrs)*
                impl #params ::hotloop::__private::TraitTwin<#hash, #marker> for #self_ty #clause {
                    type Twin = ::hotloop::__private::Twin<#marker, #type_args>;
                    type Takes = ::hotloop::__private::precedence::#takes;
                }
            };
        }
        // Twins of functions are the type's own, so there can be but one of a name.
        let has_siblings = (path.segments.last()).is_some_and(|last| {
            !last.arguments.is_none() || WITH_COMMON_NAMES.iter().any(|name| last.ident == name)
        });
        if has_siblings {
            return TokenStream::new();
        }
        let mut twin = signature.clone();
        twin.constness = None;
        for (param, name) in twin.inputs.iter_mut().zip(&self.params) {
            if let FnArg::Typed(typed) = param {
                typed.attrs.clear();
                *typed.pat = name_pattern(name);
            }
        }
        twin.ident = deps::twin_name(&signature.ident);
        twin.ident.set_span(Span::call_site());
        twin.output = twin_output(signature, &self.merged, marker, &type_args);
        let twin = self.as_inherent(as_ours(twin.to_token_stream()));
        quote! {
            #(#item_attrs)*
            impl #params #self_ty #clause {
                #[doc(hidden)]
                #[allow(unused_variables, dead_code, clippy::too_many_arguments)]
                pub #twin {
                    ::hotloop::__private::any()
                }
            }
        }
    }
}

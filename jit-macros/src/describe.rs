//! Tokens that describe a type to the runtime: shared by the derive and by what a function's expansion says about the types it names.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;

/// An expression for the `TypeInfo` of a type. `params` are the type parameters in scope: nothing is known of them but what they
/// stand for, so that no bound is needed.
pub(crate) fn describe(ty: &syn::Type, params: &[Ident]) -> TokenStream {
    let span = ty.span();
    match ty {
        syn::Type::Paren(ty) => describe(&ty.elem, params),
        syn::Type::Group(ty) => describe(&ty.elem, params),
        _ if is_param(ty, params) => {
            quote!(::hotloop::__private::describe_param::<#ty>())
        }
        _ if !mentions(ty, params) => by_trait(ty),
        syn::Type::Array(array) => {
            let (elem, len) = (describe(&array.elem, params), &array.len);
            quote!(::hotloop::__private::describe_array(#elem, #len))
        }
        syn::Type::Tuple(tuple) => {
            let fields = tuple.elems.iter().enumerate().map(|(index, elem)| {
                let (name, index) = (index.to_string(), syn::Index::from(index));
                let elem = describe(elem, params);
                quote!((#name, ::core::mem::offset_of!(#ty, #index), || #elem))
            });
            quote!(::hotloop::__private::describe_tuple::<#ty>(&[#(#fields),*]))
        }
        syn::Type::Reference(reference) => {
            let mutable = reference.mutability.is_some();
            match &*reference.elem {
                syn::Type::Slice(slice) => {
                    let elem = describe(&slice.elem, params);
                    quote!(::hotloop::__private::describe_slice(|| #elem, #mutable))
                }
                to => {
                    let to = describe(to, params);
                    quote!(::hotloop::__private::describe_ref(|| #to, #mutable))
                }
            }
        }
        // What a trait says that a parameter has.
        syn::Type::Path(path) if path.qself.is_some() || starts_with_param(path, params) => {
            quote!(::hotloop::__private::describe_param::<#ty>())
        }
        // A derived implementation asks nothing of the type's parameters. The name may also be an alias of an array of them, of which rustc knows
        // nothing here.
        _ => quote_spanned! { span => {
            #[allow(unused_imports)]
            use ::hotloop::__private::{ByDescription as _, ByIdentity as _};
            (&::hotloop::__private::passed::<#ty>()).passed_type()
        }},
    }
}

/// Statements that copy the value at `place` into `out`.
pub(crate) fn write(place: &TokenStream, ty: &syn::Type, params: &[Ident]) -> TokenStream {
    match ty {
        syn::Type::Paren(ty) => write(place, &ty.elem, params),
        syn::Type::Group(ty) => write(place, &ty.elem, params),
        _ if is_param(ty, params) => {
            quote!(::hotloop::__private::write_param::<#ty>(&#place, __hotloop_out);)
        }
        _ if !mentions(ty, params) => write_by_trait(place),
        syn::Type::Array(array) => {
            let elem = &array.elem;
            let write = write(&quote!((*__hotloop_element)), elem, params);
            quote! {
                for (__hotloop_index, __hotloop_element) in
                    ::core::iter::Iterator::enumerate(<[_]>::iter(&#place))
                {
                    __hotloop_out.at(__hotloop_index * ::core::mem::size_of::<#elem>(), |__hotloop_out| { #write });
                }
            }
        }
        syn::Type::Tuple(tuple) => tuple
            .elems
            .iter()
            .enumerate()
            .map(|(index, elem)| {
                let index = syn::Index::from(index);
                let write = write(&quote!(#place.#index), elem, params);
                quote! {
                    __hotloop_out.at(::core::mem::offset_of!(#ty, #index), |__hotloop_out| { #write });
                }
            })
            .collect(),
        _ => quote! {{
            #[allow(unused_imports)]
            use ::hotloop::__private::{WriteByDescription as _, WriteByIdentity as _};
            (&::hotloop::__private::Written(&#place)).write_to(__hotloop_out);
        }},
    }
}

fn by_trait(ty: &syn::Type) -> TokenStream {
    quote!(<#ty as ::hotloop::__private::JitType>::describe())
}

fn write_by_trait(place: &TokenStream) -> TokenStream {
    quote!(::hotloop::__private::JitType::write(&#place, __hotloop_out);)
}

/// Whether the type is a type parameter.
pub(crate) fn is_param(ty: &syn::Type, params: &[Ident]) -> bool {
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => {
            (path.path.get_ident()).is_some_and(|name| params.contains(name))
        }
        _ => false,
    }
}

/// Whether this is `T::Output`, of a type parameter.
fn starts_with_param(path: &syn::TypePath, params: &[Ident]) -> bool {
    let first = path.path.segments.first();
    path.path.segments.len() > 1 && first.is_some_and(|first| params.contains(&first.ident))
}

/// Whether a type parameter occurs in the type.
pub(crate) fn mentions(ty: &syn::Type, params: &[Ident]) -> bool {
    struct Search<'a>(&'a [Ident], bool);
    impl VisitMut for Search<'_> {
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            self.1 |= self.0.contains(ident);
        }
    }
    let mut search = Search(params, false);
    search.visit_type_mut(&mut ty.clone());
    search.1
}

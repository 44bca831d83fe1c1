//! `#[jit]` on a trait: its methods that have bodies.
//!
//! They are captured as those of an `impl` for a type parameter, `impl<S: Shape> Shape for S { .. }`. Which types have them as they are is said
//! by the `impl`s: a jitted one registers, beside its own methods, those of the trait that it does not write. Rust's own calls run rustc's body.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{FnArg, GenericParam, ItemImpl, ItemTrait, TraitItem, TraitItemFn, Type};

use super::Input;
use super::methods::{Expansion, Method};
use super::ours::{as_ours, our_ident};
use crate::attributes;
use crate::options::{JitOptions, Problem};
use crate::profile::Profile;

/// What stands for `Self` where that has no meaning.
const SELF: &str = "__HotloopSelf";

/// How many kinds of `where` clauses the methods of a trait may have that ask more of `Self`.
pub(super) const MAX_CONDITIONS: usize = 4;

/// The name of the method by which an `impl` finds a trait's methods. An `impl` that leaves parameters of the trait out asks for another name.
pub(super) fn defaults_name(name: &Ident, n_params: usize) -> Ident {
    let span = Span::call_site();
    match n_params {
        0 => format_ident!("__hotloop_defaults_of_{name}", span = span),
        n => format_ident!("__hotloop_defaults_of_{n}_{name}", span = span),
    }
}

/// The name of the function that adds methods of a trait that ask more of `Self` than the trait does.
pub(super) fn condition_name(index: usize) -> Ident {
    format_ident!("__hotloop_add_{index}", span = Span::call_site())
}

/// The methods with bodies as those of an `impl` for all types that have the trait. `is_skip` says which attribute leaves one out.
///
/// # Errors
///
/// If the trait has parameters that are no types.
pub(crate) fn as_impl(
    item: &ItemTrait,
    is_skip: &dyn Fn(&syn::Attribute) -> bool,
) -> Result<ItemImpl, Problem> {
    let is_type = |param: &&GenericParam| matches!(param, GenericParam::Type(_));
    if let Some(param) = item.generics.params.iter().find(|param| !is_type(param)) {
        return Err(Problem::new(
            syn::spanned::Spanned::span(param),
            "`#[jit]` on a trait with a lifetime or a number as a parameter",
            "put `#[jit]` on its `impl`s, and write the methods out there",
        ));
    }
    let name = named(item);
    let params = item.generics.type_params().map(|param| {
        let mut param = param.clone();
        param.default = None;
        param
    });
    let self_ty = Ident::new(SELF, Span::call_site());
    let supertraits = item.supertraits.iter();
    let clause = item.generics.where_clause.to_token_stream();
    let functions = item.items.iter().filter_map(|item| match item {
        TraitItem::Fn(function) if is_capturable(function, is_skip) => Some(function),
        _ => None,
    });
    let tokens = quote! {
        impl<#self_ty: #name #(+ #supertraits)*, #(#params),*> #name for #self_ty #clause {
            #(#functions)*
        }
    };
    // `Self` in the header is that of the trait.
    let mut parsed: ItemImpl = syn::parse2(tokens).map_err(|error| {
        let help = "put `#[jit]` on its `impl`s, and write the methods out there";
        Problem::new(error.span(), "`#[jit]` on this trait", help)
    })?;
    let header = spelled(parsed.generics.to_token_stream(), "Self", &self_ty);
    let clause = spelled(
        parsed.generics.where_clause.to_token_stream(),
        "Self",
        &self_ty,
    );
    if let Ok(mut generics) = syn::parse2::<syn::Generics>(header) {
        generics.where_clause = syn::parse2(clause).ok();
        parsed.generics = generics;
    }
    Ok(parsed)
}

/// The trait with its parameters.
fn named(item: &ItemTrait) -> TokenStream {
    let name = our_ident(&item.ident);
    let params = param_names(item);
    match params.is_empty() {
        true => quote!(#name),
        false => quote!(#name<#(#params),*>),
    }
}

fn param_names(item: &ItemTrait) -> Vec<Ident> {
    (item.generics.type_params())
        .map(|param| our_ident(&param.ident))
        .collect()
}

/// What a method asks of `Self` and the trait's parameters that the trait does not. That `Self` has a size is nothing more.
fn conditions(signature: &syn::Signature) -> Vec<&syn::WherePredicate> {
    let is_sized = |bound: &syn::TypeParamBound| matches!(bound, syn::TypeParamBound::Trait(bound) if bound.path.is_ident("Sized"));
    let predicates = (signature.generics.where_clause.iter()).flat_map(|clause| &clause.predicates);
    predicates
        .filter(|predicate| match predicate {
            syn::WherePredicate::Type(predicate) => !predicate.bounds.iter().all(is_sized),
            _ => true,
        })
        .collect()
}

/// Whether a method has a body that can be compiled for each type that has the trait.
fn is_capturable(function: &TraitItemFn, is_skip: &dyn Fn(&syn::Attribute) -> bool) -> bool {
    let signature = &function.sig;
    let has_params =
        (signature.generics.params.iter()).any(|param| !matches!(param, GenericParam::Lifetime(_)));
    let takes_impl = (signature.inputs.iter()).any(
        |input| matches!(input, FnArg::Typed(typed) if matches!(*typed.ty, Type::ImplTrait(_))),
    );
    function.default.is_some() && !function.attrs.iter().any(is_skip) && !has_params && !takes_impl
}

/// Tokens with another name for a name.
fn spelled(tokens: TokenStream, from: &str, to: &Ident) -> TokenStream {
    (tokens.into_iter())
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == from => {
                let mut to = to.clone();
                to.set_span(ident.span());
                TokenTree::Ident(to)
            }
            TokenTree::Group(group) => {
                let inner = spelled(group.stream(), from, to);
                let mut spelled = proc_macro2::Group::new(group.delimiter(), inner);
                spelled.set_span(group.span());
                TokenTree::Group(spelled)
            }
            other => other,
        })
        .collect()
}

/// Replaces `#[jit] trait Shape { fn area(&self) -> f64; fn twice(&self) -> f64 { .. } }` by
///
/// ```text
/// trait Shape {
///     fn area(&self) -> f64;
///     fn twice(&self) -> f64 { .. }                        // the user's body
///     fn __hotloop_defaults_of_Shape(&self, _: PhantomData<()>) -> __HotloopOfShape<Self> where Self: Sized { any() }
/// }
/// struct __HotloopOfShape<S>(PhantomData<fn() -> S>);
/// const _: () = {
///     pub struct twice;
///     impl<S: Shape> Jitted<(S,)> for twice { .. }
///     impl<S: Shape> Defaults for __HotloopOfShape<S> {
///         fn add(methods: &mut Methods, written: &[&str], info: &TypeInfo) { .. }
///     }
/// };
/// ```
///
/// Methods that ask more of `Self`, as by `where Self: Clone`, are added by a function of `__HotloopOfShape` that has the same clause, and that an `impl` finds if
/// its type is such a one. The trait's parameters are arguments of the `PhantomData`, so that of several `impl`s of the trait the right one is found.
///
/// # Errors
///
/// If a method cannot be expanded although it was captured.
pub(crate) fn expand_trait(
    item: &ItemTrait,
    as_impl: &ItemImpl,
    methods: &[Option<Method>],
    options: &JitOptions,
    profile: &Profile,
    is_skip: &dyn Fn(&syn::Attribute) -> bool,
) -> Result<TokenStream, Vec<Problem>> {
    let mut problems = Vec::new();
    let (mut hidden, mut added) = (TokenStream::new(), TokenStream::new());
    let mut retained = item.clone();
    let name = named(item);
    let params = param_names(item);
    let self_ty = Ident::new(SELF, Span::call_site());
    let mut conditional: Vec<(String, TokenStream, TokenStream)> = Vec::new();
    for method in methods.iter().flatten() {
        let input = Input::new(
            &method.item,
            &method.captured,
            &method.bytes,
            options,
            profile,
        );
        let expansion = match Expansion::of(as_impl, &input) {
            Ok(expansion) => expansion,
            Err(mut found) => {
                problems.append(&mut found);
                continue;
            }
        };
        hidden.extend(expansion.hidden());
        let method_name = our_ident(&method.item.sig.ident);
        let text = expansion.name.clone();
        let marker = expansion.hidden_name("__hotloop_marker_of_");
        let cfgs = &attributes::sort(&method.item.attrs).item;
        let adding = quote! {
            #(#cfgs)*
            if !written.contains(&#text) {
                methods.add_default::<#marker, (#self_ty, #(#params,)*), _>(<#self_ty as #name>::#method_name, info);
            }
        };
        let conditions = conditions(&method.item.sig);
        if conditions.is_empty() {
            added.extend(adding);
        } else {
            let conditions = spelled(quote!(#(#conditions),*), "Self", &self_ty);
            let text = conditions.to_string();
            match conditional.iter_mut().find(|(known, ..)| *known == text) {
                Some((.., all)) => all.extend(adding),
                None => conditional.push((text, conditions, adding)),
            }
        }
        for function in &mut retained.items {
            if let TraitItem::Fn(function) = function
                && function.sig.ident == method.item.sig.ident
            {
                let of_user = Ident::new("Self", Span::call_site());
                let block = input.retained.block.to_token_stream();
                if let Ok(block) = syn::parse2(spelled(block, SELF, &of_user)) {
                    function.default = Some(block);
                }
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    for function in &mut retained.items {
        if let TraitItem::Fn(function) = function {
            function.attrs.retain(|attribute| !is_skip(attribute));
        }
    }
    let defaults = defaults_name(&item.ident, params.len());
    let found = format_ident!("__HotloopOf{}", item.ident, span = Span::call_site());
    retained.items.push(syn::parse_quote! {
        #[doc(hidden)]
        fn #defaults(
            &self,
            _: ::core::marker::PhantomData<(#(*const #params,)*)>,
        ) -> #found<Self, #(#params),*>
        where
            Self: ::core::marker::Sized,
        {
            ::hotloop::__private::any()
        }
    });
    let cfgs = attributes::sort(&item.attrs).item;
    let vis = as_ours(item.vis.to_token_stream());
    let (generics, _, clause) = as_impl.generics.split_for_impl();
    let (generics, clause) = (
        as_ours(generics.to_token_stream()),
        as_ours(clause.to_token_stream()),
    );
    let predicates = (as_impl.generics.where_clause.iter()).flat_map(|clause| &clause.predicates);
    let predicates: Vec<_> = predicates.collect();
    let conditional = (conditional.iter().take(MAX_CONDITIONS).enumerate()).map(
        |(index, (_, conditions, adding))| {
            let add = condition_name(index);
            let clause = as_ours(quote!(where #(#predicates,)* #conditions));
            quote! {
                impl #generics #found<#self_ty, #(#params),*> #clause {
                    #[doc(hidden)]
                    #[allow(unused_variables, deprecated)]
                    pub fn #add(
                        &self,
                        methods: &mut ::hotloop::__private::Methods,
                        written: &[&str],
                        info: &::hotloop::__private::TypeInfo,
                    ) {
                        #adding
                    }
                }
            }
        },
    );
    Ok(quote! {
        #retained
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types)]
        #vis struct #found<#self_ty, #(#params),*>(
            ::core::marker::PhantomData<fn() -> (#self_ty, #(#params),*)>,
        );
        #(#cfgs)*
        const _: () = {
            #hidden
            #(#conditional)*
            impl #generics ::hotloop::__private::Defaults for #found<#self_ty, #(#params),*> #clause {
                fn new() -> Self {
                    #found(::core::marker::PhantomData)
                }
                #[allow(unused_variables, deprecated)]
                fn add(
                    methods: &mut ::hotloop::__private::Methods,
                    written: &[&str],
                    info: &::hotloop::__private::TypeInfo,
                ) {
                    #added
                }
            }
        };
    })
}

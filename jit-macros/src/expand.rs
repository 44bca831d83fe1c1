//! From a captured function to the tokens that replace it.

use hotloop_ir::{FastMath, Function, ScalarTy, Ty};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{FnArg, GenericParam, ItemFn, Pat};

use crate::attributes;
use crate::options::{JitOptions, Problem};
use crate::profile::Profile;

/// The number of type parameters that the runtime can tell apart (`TypeArgs` in jit-runtime).
const MAX_TYPE_PARAMS: usize = 8;

/// Everything that the expansion is made from.
pub(crate) struct Input<'a> {
    /// The function as the user wrote it.
    pub(crate) item: &'a ItemFn,
    /// The function with the types of its variables written in.
    pub(crate) retained: &'a ItemFn,
    /// The captured function.
    pub(crate) function: &'a Function,
    /// Statements that panic as each trap site did, in order.
    pub(crate) replays: Vec<&'a TokenStream>,
    /// Traits of num-traits that the capture took type parameters, by their index, to have.
    pub(crate) relied_on: &'a [(usize, TokenStream)],
    /// What the attribute asks for.
    pub(crate) options: &'a JitOptions,
    /// How the calling crate is built.
    pub(crate) profile: &'a Profile,
}

/// Replaces `#[jit] pub fn dot<T: Float>(a: &[T], b: &[T]) -> T { .. }` by
///
/// ```text
/// pub fn dot<T: Float>(a: &[T], b: &[T]) -> T {
///     match dot::__hotloop().ready::<(T,)>() {
///         Some(entry) => dot::__hotloop_enter::<T>(entry, a, b),
///         None => dot::__hotloop_slowly::<T>(a, b),
///     }
/// }
/// pub enum dot {}
/// impl dot {
///     pub fn plain<T: Float>(a: &[T], b: &[T]) -> T { .. }      // the user's body
///     pub fn compile<T: Float>() -> Result<Specialization, Error> { .. }
///     pub fn specializations() -> Vec<Specialization> { .. }
///     pub fn ir() -> String { .. }
///     pub fn llvm_ir() -> Result<String, Error> { .. }
///     pub fn asm() -> Result<String, Error> { .. }
///     fn __hotloop_enter<T: Float>(entry: EntryPoint, a: &[T], b: &[T]) -> T {
///         ::hotloop::__private::call! {
///             entry(entry)
///             args(*const T = <[_]>::as_ptr(a), usize = <[_]>::len(a), *const T = <[_]>::as_ptr(b), usize = <[_]>::len(b))
///             results(__hotloop_0: T) __hotloop_0;
///             trap(dot::__hotloop_trap::<T>)
///         }
///     }
///     // The first call, and those of rustc's version; with what the capture took `Float` to be as a second bound.
///     fn __hotloop_slowly<T: Float + ::hotloop::__private::num_traits::float::Float>(a: &[T], b: &[T]) -> T {
///         match dot::__hotloop().entry::<(T,)>() {
///             Some(entry) => dot::__hotloop_enter::<T>(entry, a, b),
///             None => dot::plain::<T>(a, b),
///         }
///     }
///     fn __hotloop() -> &'static Dispatcher<16> { static __HOTLOOP: Dispatcher<16> = ..; &__HOTLOOP }
///     fn __hotloop_trap<T: Float>(__hotloop_status: u32, __hotloop_trap: &Trap) -> ! { match __hotloop_status { 1 => .. } }
/// }
/// impl JitFunction for dot { .. }
/// ```
///
/// Tokens that the user did not write have the attribute's span, so that lints do not look at them; the tokens of the
/// signature and the body keep theirs. Names of the companion items resolve as the user's do, and everything else is
/// reached by an absolute path.
///
/// # Errors
///
/// If the function cannot be expanded although it was captured.
pub(crate) fn expand(input: &Input<'_>) -> Result<TokenStream, Vec<Problem>> {
    let Input { item, retained, .. } = input;
    let names = Names::of(input)?;
    let attributes = attributes::sort(&item.attrs);

    let signature = shim_signature(item);
    let vis = &item.vis;
    let (function_attrs, plain_attrs) = (&attributes.function, &attributes.plain);
    let call = call(&names);
    let function = quote! {
        #(#function_attrs)*
        #vis #signature { #call }
    };
    let ways = ways(input, &names, &attributes.trap);

    let mut plain_signature = retained.sig.clone();
    plain_signature.ident = Ident::new("plain", retained.sig.ident.span());
    let plain_block = &retained.block;
    let plain = quote! {
        #[doc = "The function as rustc compiled it.\n\n# Panics\n\nAs the function itself."]
        #(#plain_attrs)*
        #vis #plain_signature #plain_block
    };

    let (companion, item_attrs) = (&names.companion, &attributes.item);
    let companion_vis = as_ours(vis.to_token_stream());
    let doc = format!(
        "What hotloop knows of [`{0}()`]: the version that rustc compiled, the versions that were compiled at run time, and their texts.",
        names.name
    );
    let tools = tools(&companion_vis, &names);
    let dispatcher = dispatcher(input, &names)?;
    let trap = trap(input, &names, &attributes.trap);
    Ok(quote! {
        #function
        #(#item_attrs)*
        #[doc = #doc]
        #companion_vis enum #companion {}
        #(#item_attrs)*
        impl #companion {
            #plain
            #ways
            #tools
            #dispatcher
            #trap
        }
        #(#item_attrs)*
        impl ::hotloop::JitFunction for #companion {
            fn __registry() -> &'static ::hotloop::__private::Registry {
                #companion::__hotloop().registry()
            }
        }
    })
}

/// The names that several parts use.
struct Names {
    /// The function's name, without `r#`.
    name: String,
    /// The companion type, named as the function.
    companion: Ident,
    /// The type parameters.
    type_params: Vec<Ident>,
    /// The parameters.
    params: Vec<Ident>,
    /// `<'a, T: Float>` and the `where` clause, for functions of ours.
    generics: TokenStream,
    where_clause: TokenStream,
}

impl Names {
    fn of(input: &Input<'_>) -> Result<Self, Vec<Problem>> {
        let signature = &input.item.sig;
        let mut problems = Vec::new();
        let mut type_params = Vec::new();
        for param in signature.generics.params.iter() {
            if let GenericParam::Type(param) = param {
                type_params.push(our_ident(&param.ident));
            }
        }
        let name = signature.ident.unraw().to_string();
        if ScalarTy::from_name(&name).is_some() {
            problems.push(Problem::new(
                signature.ident.span(),
                format!("a jitted function cannot be named `{name}`"),
                format!("rename it: its companion type would hide the type `{name}`"),
            ));
        }
        if type_params.len() > MAX_TYPE_PARAMS {
            problems.push(Problem::new(
                signature.ident.span(),
                format!("more than {MAX_TYPE_PARAMS} type parameters"),
                "give some parameters the same type",
            ));
        }
        let mut params = Vec::new();
        for param in &signature.inputs {
            match param {
                FnArg::Typed(typed) if matches!(&*typed.pat, Pat::Ident(_)) => {
                    if let Pat::Ident(pat) = &*typed.pat {
                        params.push(our_ident(&pat.ident));
                    }
                }
                _ => problems.push(Problem::new(
                    signature.ident.span(),
                    "a parameter that is not a name",
                    "give each parameter a name",
                )),
            }
        }
        if params.len() != input.function.params.len() {
            problems.push(bug("the captured function has other parameters"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let (generics, _, where_clause) = signature.generics.split_for_impl();
        Ok(Names {
            name,
            companion: our_ident(&signature.ident),
            type_params,
            params,
            generics: as_ours(generics.to_token_stream()),
            where_clause: as_ours(where_clause.to_token_stream()),
        })
    }

    /// `::<T, U>`, or nothing.
    fn turbofish(&self) -> TokenStream {
        let type_params = &self.type_params;
        if type_params.is_empty() {
            TokenStream::new()
        } else {
            quote!(::<#(#type_params),*>)
        }
    }

    /// `(T, U,)`, for `TypeArgs`.
    fn type_args(&self) -> TokenStream {
        let type_params = &self.type_params;
        quote!((#(#type_params,)*))
    }
}

/// The user's signature; the parameters are bound by names of ours, and not `mut`.
fn shim_signature(item: &ItemFn) -> syn::Signature {
    let mut signature = item.sig.clone();
    for param in &mut signature.inputs {
        if let FnArg::Typed(typed) = param {
            typed.attrs.clear();
            if let Pat::Ident(pat) = &mut *typed.pat {
                pat.mutability = None;
                pat.ident = our_ident(&pat.ident);
            }
        }
    }
    signature
}

/// The body of the function that is called: compiled code, if there is some already. All else is out of line, so that a caller's registers
/// survive the way that is taken.
fn call(names: &Names) -> TokenStream {
    let Names {
        companion, params, ..
    } = names;
    let (turbofish, type_args) = (names.turbofish(), names.type_args());
    quote! {
        match #companion::__hotloop().ready::<#type_args>() {
            ::core::option::Option::Some(__hotloop_entry) => {
                #companion::__hotloop_enter #turbofish(__hotloop_entry, #(#params),*)
            }
            ::core::option::Option::None => #companion::__hotloop_slowly #turbofish(#(#params),*),
        }
    }
}

/// The companion's functions that a call goes through: into compiled code, and the slow way there.
fn ways(input: &Input<'_>, names: &Names, attributes: &[TokenStream]) -> TokenStream {
    let Names {
        companion, params, ..
    } = names;
    let (turbofish, type_args) = (names.turbofish(), names.type_args());
    let function = input.function;
    let mut enter = shim_signature(input.item);
    enter.ident = format_ident!("__hotloop_enter");
    enter.inputs.insert(
        0,
        syn::parse_quote!(__hotloop_entry: ::hotloop::__private::EntryPoint),
    );
    // Clippy allows 7 parameters, and `enter` has one more than the user's function.
    let many = (params.len() >= 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let mut slowly = shim_signature(input.item);
    slowly.ident = format_ident!("__hotloop_slowly");
    // The user's bounds must imply these, or the call of this function is an error: a trait may only share the name of one of num-traits.
    for (index, path) in input.relied_on {
        let bound: syn::TypeParamBound = syn::parse_quote!(::hotloop::__private::num_traits::#path);
        let Some(param) = slowly.generics.type_params_mut().nth(*index) else {
            continue;
        };
        // Where the user has bounds, because lints want them in one place.
        if param.bounds.is_empty() {
            let param = param.ident.clone();
            let clause = slowly.generics.make_where_clause();
            clause.predicates.push(syn::parse_quote!(#param: #bound));
        } else {
            param.bounds.push(bound);
        }
    }
    let (enter, slowly) = (
        as_ours(enter.to_token_stream()),
        as_ours(slowly.to_token_stream()),
    );
    let args = function.params.iter().zip(params).map(|(&local, name)| {
        let ty = &function.locals[local].ty;
        match ty {
            Ty::Slice { elem, mutable } => {
                let elem = scalar_tokens(elem, names);
                let (pointer, method) = if *mutable {
                    (quote!(*mut), quote!(as_mut_ptr))
                } else {
                    (quote!(*const), quote!(as_ptr))
                };
                quote!(#pointer #elem = <[_]>::#method(#name), ::core::primitive::usize = <[_]>::len(#name))
            }
            _ => {
                let ty = scalar_tokens(ty, names);
                quote!(#ty = #name)
            }
        }
    });
    let mut results = Vec::new();
    let value = result_tokens(&function.result, names, &mut results);
    let results = results.iter().map(|(name, ty)| quote!(#name: #ty));
    quote! {
        #[inline(always)]
        #many
        #(#attributes)*
        #enter {
            ::hotloop::__private::call! {
                entry(__hotloop_entry)
                args(#(#args),*)
                results(#(#results),*) #value;
                trap(#companion::__hotloop_trap #turbofish)
            }
        }
        #[cold]
        #[inline(never)]
        #many
        #(#attributes)*
        #slowly {
            match #companion::__hotloop().entry::<#type_args>() {
                ::core::option::Option::Some(__hotloop_entry) => {
                    #companion::__hotloop_enter #turbofish(__hotloop_entry, #(#params),*)
                }
                ::core::option::Option::None => #companion::plain #turbofish(#(#params),*),
            }
        }
    }
}

/// A scalar type, by a path that nothing of the user's can shadow.
fn scalar_tokens(ty: &Ty, names: &Names) -> TokenStream {
    match ty {
        Ty::Scalar(scalar) => {
            let name = format_ident!("{}", scalar.name());
            quote!(::core::primitive::#name)
        }
        Ty::Param(index) => names
            .type_params
            .get(*index as usize)
            .map(ToTokens::to_token_stream)
            .unwrap_or_default(),
        // Not the type of an element or a scalar result; the verifier has checked the function.
        Ty::Unit | Ty::Tuple(_) | Ty::Slice { .. } => quote!(()),
    }
}

/// The expression for a result of this type, made of scalars that are added to `results`.
fn result_tokens(ty: &Ty, names: &Names, results: &mut Vec<(Ident, TokenStream)>) -> TokenStream {
    match ty {
        Ty::Unit => quote!(()),
        Ty::Tuple(elems) => {
            let elems: Vec<_> = elems
                .iter()
                .map(|elem| result_tokens(elem, names, results))
                .collect();
            quote!((#(#elems,)*))
        }
        Ty::Scalar(_) | Ty::Param(_) | Ty::Slice { .. } => {
            let name = format_ident!("__hotloop_{}", results.len());
            results.push((name.clone(), scalar_tokens(ty, names)));
            quote!(#name)
        }
    }
}

/// The companion's public functions.
fn tools(vis: &TokenStream, names: &Names) -> TokenStream {
    let Names {
        companion,
        generics,
        where_clause,
        ..
    } = names;
    let type_args = names.type_args();
    let registry = quote!(#companion::__hotloop().registry());
    let string = quote!(::hotloop::__private::String);
    let specialization = quote!(::hotloop::Specialization);
    let error = quote!(::hotloop::Error);
    quote! {
        #[doc = "Compiles the function for these types now, unless that was done.\n\n# Errors\n\nWhy it cannot be compiled; calls run rustc's version then."]
        #vis fn compile #generics () -> ::core::result::Result<#specialization, #error> #where_clause {
            ::hotloop::__private::compile::<#type_args>(#registry)
        }
        #[doc = "What has been compiled so far."]
        #[must_use]
        #vis fn specializations() -> ::hotloop::__private::Vec<#specialization> {
            #registry.specializations()
        }
        #[doc = "The captured function as text."]
        #[must_use]
        #vis fn ir() -> #string {
            ::hotloop::__private::ir(#registry)
        }
        #[doc = "The optimized LLVM IR of what has been compiled so far.\n\n# Errors\n\nWhy there is none."]
        #vis fn llvm_ir() -> ::core::result::Result<#string, #error> {
            ::hotloop::__private::llvm_ir(#registry)
        }
        #[doc = "The machine code of what has been compiled so far, disassembled.\n\n# Errors\n\nWhy there is none."]
        #vis fn asm() -> ::core::result::Result<#string, #error> {
            ::hotloop::__private::asm(#registry)
        }
    }
}

/// The static that calls go through, and the function that all of the expansion reaches it by.
fn dispatcher(input: &Input<'_>, names: &Names) -> Result<TokenStream, Vec<Problem>> {
    let bytes = hotloop_ir::encode(input.function)
        .map_err(|error| vec![bug(&format!("the captured function: {error}"))])?;
    let (name, bytes) = (&names.name, Literal::byte_string(&bytes));
    let n_slots: usize = match names.type_params.len() {
        0 => 1,
        1 => 16,
        2 => 256,
        _ => 0,
    };
    let overflow_checks = input.profile.overflow_checks();
    let fastmath = fastmath_tokens(input.options.liberties());
    let coverage = input.profile.coverage;
    Ok(quote! {
        #[inline(always)]
        fn __hotloop() -> &'static ::hotloop::__private::Dispatcher<#n_slots> {
            static __HOTLOOP: ::hotloop::__private::Dispatcher<#n_slots> =
                ::hotloop::__private::Dispatcher::new(::hotloop::__private::Source::new(
                    #name,
                    ::core::module_path!(),
                    #bytes,
                    ::hotloop::__private::BuildOptions {
                        overflow_checks: #overflow_checks,
                        debug_assertions: ::core::cfg!(debug_assertions),
                        fastmath: #fastmath,
                    },
                    #coverage,
                ));
            &__HOTLOOP
        }
    })
}

fn fastmath_tokens(granted: FastMath) -> TokenStream {
    let path = quote!(::hotloop::__private::FastMath);
    if granted == FastMath::STRICT {
        return quote!(#path::STRICT);
    }
    if granted == FastMath::ALGEBRAIC {
        return quote!(#path::ALGEBRAIC);
    }
    let FastMath {
        reassoc,
        contract,
        nsz,
        arcp,
        afn,
        nnan,
        ninf,
    } = granted;
    quote! {
        #path {
            reassoc: #reassoc, contract: #contract, nsz: #nsz, arcp: #arcp, afn: #afn, nnan: #nnan, ninf: #ninf,
        }
    }
}

/// The function that panics as a site did. One for all sites, and cold, so that callers stay small.
fn trap(input: &Input<'_>, names: &Names, attributes: &[TokenStream]) -> TokenStream {
    let Names {
        name,
        generics,
        where_clause,
        ..
    } = names;
    let arms = input.replays.iter().zip(1u32..).map(|(replay, status)| {
        let status = Literal::u32_unsuffixed(status);
        quote!(#status => { #replay })
    });
    quote! {
        #[cold]
        #[inline(never)]
        #(#attributes)*
        fn __hotloop_trap #generics (
            __hotloop_status: ::core::primitive::u32,
            __hotloop_trap: &::hotloop::__private::Trap,
        ) -> ! #where_clause {
            match __hotloop_status {
                #(#arms)*
                _ => {}
            }
            ::hotloop::__private::replay_failed(#name, __hotloop_status)
        }
    }
}

fn bug(message: &str) -> Problem {
    Problem::new(
        Span::call_site(),
        format!("this is a bug in hotloop: {message}"),
        "please report it, and remove `#[jit]` for now",
    )
}

/// A name of the user's in a place where the user did not write it.
fn our_ident(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(our_span(ident.span()));
    ident
}

/// The user's tokens in a place where the user did not write them.
fn as_ours(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut ours = Group::new(group.delimiter(), as_ours(group.stream()));
                ours.set_span(our_span(group.span()));
                TokenTree::Group(ours)
            }
            mut token => {
                token.set_span(our_span(token.span()));
                token
            }
        })
        .collect()
}

/// Points to the user's token, and says that the macro wrote it: rustc's and clippy's lints pass over such tokens.
fn our_span(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

#[cfg(test)]
mod tests;

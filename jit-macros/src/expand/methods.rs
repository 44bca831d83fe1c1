//! `#[jit]` on an `impl`: its methods and associated functions.

use hotloop_ir::ScalarTy;
use hotloop_ir::frontend::Captured;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{FnArg, ImplItem, ItemFn, ItemImpl, Type};

use super::generics::{Generics, without};
use super::operators::{self, ImplOf};
use super::ours::as_ours;
use super::self_type::{is_type_name, merge, replace_self};
use super::shim::{Args, Results};
use super::{
    Input, check_require, check_type_params, deps, name_pattern, nan, params_of, std_names, tools,
    trap, twin_output,
};
use crate::attributes;
use crate::describe::mentions;
use crate::options::{JitOptions, Problem};
use crate::profile::Profile;

/// A function of an `impl` that was captured.
pub(crate) struct Method {
    /// As the user wrote it.
    pub(crate) item: ItemFn,
    /// What was captured.
    pub(crate) captured: Captured,
    /// The same, encoded.
    pub(crate) bytes: Vec<u8>,
}

/// What keeps an `impl` from having jitted methods.
pub(crate) fn check_impl(item: &ItemImpl) -> Vec<Problem> {
    let mut problems = super::operators::check(item);
    let self_ty = &*item.self_ty;
    for param in item.generics.type_params() {
        let in_trait = super::operators::is_operator(item)
            && item.trait_.as_ref().is_some_and(|(path, _)| {
                let path = syn::TypePath {
                    attrs: Vec::new(),
                    qself: None,
                    path: path.clone(),
                };
                mentions(&Type::Path(path), std::slice::from_ref(&param.ident))
            });
        // What belongs to a method of another trait is in functions of their own, which have all parameters.
        if !in_trait
            && !is_by_marker(item)
            && !mentions(self_ty, std::slice::from_ref(&param.ident))
        {
            problems.push(Problem::new(
                param.ident.span(),
                format!(
                    "the type parameter `{}` is no part of the type",
                    param.ident
                ),
                "put `#[jit]` on free functions, and call them",
            ));
        }
    }
    problems
}

/// Whether what belongs to the methods is in an `impl` of the marker: in an `impl` of a trait, whose methods may have the names of others.
fn is_by_marker(item: &ItemImpl) -> bool {
    item.trait_.is_some() && !operators::is_operator(item)
}

/// Replaces `#[jit] impl<T: Float> Point<T> { fn norm(&self) -> T { .. } }` by
///
/// ```text
/// impl<T: Float> Point<T> {
///     fn norm(&self) -> T {
///         '__hotloop: {
///             if let Some(entry) = Self::__hotloop_norm().call::<(T,)>(Self::__hotloop_deps_of_norm) {
///                 return ::hotloop::__private::call! { .. declined(break '__hotloop) };
///             }
///         }
///         ..    // the user's body
///     }
/// }
/// const _: () = {
///     pub struct norm;
///     impl<T: Float> Jitted<(T,)> for norm { .. }
///     impl<T: Float> Point<T> {
///         fn __hotloop_instance_of_norm(&self) -> Twin<norm, (T,)> { any() }
///         fn __hotloop_norm() -> &'static Dispatcher<16> { .. }
///         fn __hotloop_deps_of_norm(deps: &mut Deps) { .. }
///     }
///     fn __hotloop_trap_of_norm(trap: &TrapInfo) -> ! { .. }
/// };
/// ```
///
/// The body stays where it is, so that `Self`, associated types and names mean what they mean there.
///
/// What belongs to a method of a trait is in an `impl` of the marker, and the user's `impl` stands beside it; callers find its twin by
/// `TraitTwin`, which has the hash of the method's name.
///
/// # Errors
///
/// If a method cannot be expanded although it was captured.
pub(crate) fn expand_impl(
    item: &ItemImpl,
    methods: &[Option<Method>],
    options: &JitOptions,
    profile: &Profile,
) -> Result<TokenStream, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut retained = item.clone();
    let mut hidden = TokenStream::new();
    let mut registered = Vec::new();
    let mut methods = methods.iter();
    for item_fn in &mut retained.items {
        let ImplItem::Fn(item_fn) = item_fn else {
            continue;
        };
        // What was left out by `skip`.
        let Some(Some(method)) = methods.next() else {
            continue;
        };
        let input = Input::new(
            &method.item,
            &method.captured,
            &method.bytes,
            options,
            profile,
        );
        match Expansion::of(item, &input) {
            Ok(expansion) => {
                expansion.write_prologue(item_fn);
                registered.extend(expansion.registered());
                hidden.extend(expansion.hidden());
            }
            Err(mut found) => problems.append(&mut found),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let cfgs = attributes::sort(&item.attrs).item;
    if is_by_marker(item) {
        let registration = registration(item, &registered);
        return Ok(quote! {
            #(#cfgs)*
            const _: () = {
                #retained
                #hidden
                #registration
            };
        });
    }
    Ok(quote! {
        #retained
        #(#cfgs)*
        const _: () = { #hidden };
    })
}

/// What says before `main` which methods a jitted `impl` of a trait has: its own, and those of the trait that it does not write. Of an `impl` with
/// a type parameter, those for each number that the parameter may be.
fn registration(item: &ItemImpl, own: &[TokenStream]) -> Option<TokenStream> {
    let (path, _) = item.trait_.as_ref()?;
    let params: Vec<_> = item.generics.params.iter().collect();
    let self_ty = as_ours(item.self_ty.to_token_stream());
    let defaults = match &*item.self_ty {
        Type::Slice(_) | Type::TraitObject(_) => TokenStream::new(),
        _ => inherited(item, path, &self_ty)?,
    };
    let said = match params.as_slice() {
        [] => quote!(#(#own)* #defaults),
        [syn::GenericParam::Type(param)] => {
            let (params, _, clause) = item.generics.split_for_impl();
            let (params, clause) = (
                as_ours(params.to_token_stream()),
                as_ours(clause.to_token_stream()),
            );
            let param = as_ours(param.ident.to_token_stream());
            let numbers = ScalarTy::ALL
                .iter()
                .filter(|scalar| **scalar != ScalarTy::Bool)
                .map(|scalar| super::shim::scalar_tokens(*scalar));
            quote! {
                struct __HotloopFor<T>(::core::marker::PhantomData<T>);
                trait __HotloopForNone {
                    fn say(_methods: &mut ::hotloop::__private::Methods) {}
                }
                impl<T> __HotloopForNone for T {}
                impl #params __HotloopFor<#param> #clause {
                    #[allow(unused_variables)]
                    fn say(__hotloop_methods: &mut ::hotloop::__private::Methods) {
                        #(#own)*
                        #defaults
                    }
                }
                #(__HotloopFor::<#numbers>::say(__hotloop_methods);)*
            }
        }
        _ => return None,
    };
    Some(quote! {
        ::hotloop::__private::register! {
            |__hotloop_methods: &mut ::hotloop::__private::Methods| { #said }
        }
    })
}

/// The statement that adds the methods of the trait that an `impl` does not write, if the trait is jitted.
fn inherited(item: &ItemImpl, path: &syn::Path, self_ty: &TokenStream) -> Option<TokenStream> {
    let written = item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function.sig.ident.unraw().to_string()),
        _ => None,
    });
    let last = path.segments.last()?;
    // What a macro writes cannot be seen.
    let has_macros = (item.items.iter()).any(|item| {
        !matches!(
            item,
            ImplItem::Fn(_) | ImplItem::Const(_) | ImplItem::Type(_)
        )
    });
    let args: Vec<_> = match &last.arguments {
        syn::PathArguments::None => Vec::new(),
        syn::PathArguments::AngleBracketed(args) => args.args.iter().collect(),
        syn::PathArguments::Parenthesized(_) => return Some(TokenStream::new()),
    };
    let is_type = |arg: &&syn::GenericArgument| matches!(arg, syn::GenericArgument::Type(_));
    let names_self = |arg: &&syn::GenericArgument| super::names(&arg.to_token_stream(), "Self");
    if !args.iter().all(is_type) || args.iter().any(names_self) || has_macros {
        return Some(TokenStream::new());
    }
    let defaults = super::traits::defaults_name(&last.ident, args.len());
    let args = args.iter().map(|arg| as_ours(arg.to_token_stream()));
    let adds: Vec<_> = (0..super::traits::MAX_CONDITIONS)
        .map(super::traits::condition_name)
        .collect();
    // Of a path with one name, that is in scope.
    let import = (path.segments.len() > 1).then(|| {
        // An import has no arguments.
        let mut path = path.clone();
        if let Some(last) = path.segments.last_mut() {
            last.arguments = syn::PathArguments::None;
        }
        let path = as_ours(path.to_token_stream());
        quote! {
            #[allow(unused_imports)]
            use #path as _;
        }
    });
    Some(quote! {
        {
            #import
            #[allow(unused_imports)]
            use ::hotloop::__private::{ByDescription as _, ByIdentity as _};
            trait __HotloopNoDefaults {
                fn #defaults<Args>(
                    &self,
                    _: ::core::marker::PhantomData<Args>,
                ) -> ::hotloop::__private::NoDefaults {
                    ::hotloop::__private::any()
                }
                #(
                    fn #adds(
                        &self,
                        _: &mut ::hotloop::__private::Methods,
                        _: &[&str],
                        _: &::hotloop::__private::TypeInfo,
                    ) {}
                )*
            }
            impl<T> __HotloopNoDefaults for &T {}
            __hotloop_methods.defaults(
                || {
                    let __hotloop_self = ::hotloop::__private::any::<#self_ty>();
                    (&__hotloop_self).#defaults(::core::marker::PhantomData::<(#(*const #args,)*)>)
                },
                |__hotloop_of, __hotloop_methods, __hotloop_written, __hotloop_info| {
                    #((&__hotloop_of).#adds(__hotloop_methods, __hotloop_written, __hotloop_info);)*
                },
                &[#(#written),*],
                &(&::hotloop::__private::passed::<#self_ty>()).passed_type(),
            );
        }
    })
}

pub(super) struct Expansion<'a> {
    pub(super) item: &'a ItemImpl,
    pub(super) input: &'a Input<'a>,
    /// The method's name, without `r#`.
    pub(super) name: String,
    /// The parameters of `impl` and method.
    pub(super) generics: Generics,
    /// The same, merged.
    pub(super) merged: syn::Generics,
    /// The parameters' names.
    pub(super) params: Vec<Ident>,
    pub(super) args: Args,
    /// Where attributes go.
    pub(super) attributes: attributes::Attributes,
    /// The operator that it is.
    pub(super) operator: Option<ImplOf>,
    /// Whether what belongs to it is in an `impl` of the marker.
    pub(super) is_by_marker: bool,
}

impl<'a> Expansion<'a> {
    pub(super) fn of(item: &'a ItemImpl, input: &'a Input<'a>) -> Result<Self, Vec<Problem>> {
        let signature = &input.item.sig;
        let merged = merge(&item.generics, &signature.generics);
        let generics = Generics::of(&merged);
        let mut problems = Vec::new();
        check_type_params(&generics, &signature.ident, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let params = params_of(signature);
        let mut args = Args::default();
        for (param, name) in signature.inputs.iter().zip(&params) {
            args.push_param(name, param, &generics);
        }
        args.check_output(&signature.output);
        // It may run at build time.
        args.impossible |= signature.constness.is_some();
        check_require(input, &args)?;
        Ok(Expansion {
            item,
            input,
            name: signature.ident.unraw().to_string(),
            generics,
            merged,
            params,
            args,
            attributes: attributes::sort(&input.item.attrs),
            operator: operators::impl_of(item, &signature.ident),
            is_by_marker: is_by_marker(item),
        })
    }

    pub(super) fn hidden_name(&self, prefix: &str) -> Ident {
        format_ident!("{prefix}{}", self.name)
    }

    /// Makes the method look for compiled code before it runs its body.
    fn write_prologue(&self, item_fn: &mut syn::ImplItemFn) {
        let mut body = self.input.retained.block.stmts.clone();
        let mut prologue = TokenStream::new();
        if !self.args.impossible {
            for ((param, name), index) in (item_fn.sig.inputs.iter_mut().zip(&self.params)).zip(0..)
            {
                // A pattern is matched behind the prologue, which needs a name for the whole.
                if let FnArg::Typed(typed) = param
                    && *name == format!("__hotloop_arg_{index}")
                {
                    let pat = std::mem::replace(&mut *typed.pat, name_pattern(name));
                    body.insert(0, syn::parse_quote!(let #pat = #name;));
                }
            }
            prologue = self.prologue();
            if let Some(are_numbers) = self.args.are_numbers() {
                prologue = quote!(if #are_numbers { #prologue });
            }
        }
        let block = &mut item_fn.block;
        block.stmts = body;
        let stmts = &block.stmts;
        let tokens = quote!({ #prologue #(#stmts)* });
        // A block of statements parses as one.
        if let Ok(parsed) = syn::parse2(tokens) {
            *block = parsed;
        }
    }

    fn prologue(&self) -> TokenStream {
        let getter = self.hidden_name("__hotloop_");
        let deps = self.hidden_name("__hotloop_deps_of_");
        let trap = self.hidden_name("__hotloop_replay_of_");
        let type_args = self.generics.type_args();
        let Results { leaves, value } = Results::of(&self.input.item.sig.output, &self.generics);
        let declined = self.args.declined(quote!(break '__hotloop));
        let Args { before, args, .. } = &self.args;
        // The table of slots, what the names mean, and what panics.
        let (table, deps, trap) = if let Some(ImplOf { method, rhs }) = &self.operator {
            let operator = quote! {
                <Self as ::hotloop::__private::Operator<::hotloop::__private::operators::#method, #rhs>>
            };
            (
                quote!(#operator::table()),
                quote!(#operator::deps),
                quote!(#operator::replay),
            )
        } else if self.is_by_marker {
            let marker = self.hidden_name("__hotloop_marker_of_");
            let turbofish = Generics::turbofish(&self.merged, &self.generics.closures);
            (
                quote!(#marker::#getter()),
                quote!(#marker::#deps #turbofish),
                quote!(#trap),
            )
        } else {
            let generics = &self.input.item.sig.generics;
            let turbofish = Generics::turbofish(generics, &self.generics.closures);
            (
                quote!(Self::#getter()),
                quote!(Self::#deps #turbofish),
                quote!(Self::#trap),
            )
        };
        // A label that nobody uses would be warned of.
        let label = declined.is_some().then(|| quote!('__hotloop:));
        quote! {
            #label {
                if let ::core::option::Option::Some(__hotloop_entry) =
                    #table.call::<#type_args>(#deps)
                {
                    #before
                    return ::hotloop::__private::call! {
                        entry(__hotloop_entry)
                        args(#(#args),*)
                        results(#(#leaves),*)
                        value(#value)
                        trap(#table.registry(), #trap)
                        #declined
                    };
                }
            }
        }
    }

    /// What stands beside the `impl`.
    pub(super) fn hidden(&self) -> TokenStream {
        let input = self.input;
        let (self_ty, signature) = (&self.item.self_ty, &input.item.sig);
        let marker = self.hidden_name("__hotloop_marker_of_");
        let getter = self.hidden_name("__hotloop_");
        let deps_name = self.hidden_name("__hotloop_deps_of_");
        let replay = self.hidden_name("__hotloop_replay_of_");
        let trap_name = self.hidden_name("__hotloop_trap_of_");
        let type_args = self.generics.type_args();
        let item_attrs = &self.attributes.item;
        let trap_attrs = &self.attributes.trap;

        // In the user's `impl` of a trait there is no visibility; the twin is visible where the trait's method is.
        let vis = match &self.item.trait_ {
            Some(_) => quote!(pub),
            None => as_ours(input.item.vis.to_token_stream()),
        };
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
        twin.output = match self.is_tracked() {
            true => syn::parse_quote!(-> ::hotloop::__private::NotJitted),
            false => twin_output(signature, &self.merged, &marker, &type_args),
        };
        let twin = self.as_inherent(as_ours(twin.to_token_stream()));

        let statements = self.as_inherent(deps::statements(input, &self.generics.types));
        let own = without(&signature.generics, &self.generics.closures);
        let (params, _, clause) = own.split_for_impl();
        let (params, clause) = (
            self.as_inherent(as_ours(params.to_token_stream())),
            self.as_inherent(as_ours(clause.to_token_stream())),
        );
        let turbofish = Generics::turbofish(&signature.generics, &self.generics.closures);
        let (impl_params, _, impl_clause) = self.item.generics.split_for_impl();
        let (impl_params, impl_clause) = (
            as_ours(impl_params.to_token_stream()),
            as_ours(impl_clause.to_token_stream()),
        );
        let all = without(&self.merged, &self.generics.closures);
        let (all_params, _, all_clause) = all.split_for_impl();
        let (all_params, all_clause) = (
            self.outside(as_ours(all_params.to_token_stream())),
            self.outside(as_ours(all_clause.to_token_stream())),
        );
        let assumed = self.assumed();
        let dispatcher = tools::dispatcher(
            input,
            &self.generics,
            &getter,
            &self.name,
            &trap_name.to_token_stream(),
            None,
            None,
        );
        let trap = trap::function(&trap_name, input, trap_attrs);
        let (warnings, names) = (nan::warnings(input), std_names::checks(input));
        let warnings = quote!(#warnings #names);
        let our_self_ty = as_ours(self_ty.to_token_stream());
        let function = self.function();
        if let Some(ImplOf { method, rhs }) = &self.operator {
            let operator = quote! {
                ::hotloop::__private::Operator<::hotloop::__private::operators::#method, #rhs>
            };
            let n_slots = self.generics.n_slots();
            let twin_ty = match self.is_tracked() {
                true => quote!(::hotloop::__private::NotJitted),
                false => quote!(::hotloop::__private::Twin<#marker, #type_args>),
            };
            return quote! {
                #(#item_attrs)*
                #[allow(non_camel_case_types)]
                pub struct #marker;
                #(#item_attrs)*
                impl #all_params ::hotloop::__private::Jitted<#type_args> for #marker #all_clause {
                    #function
                    fn instance() -> ::hotloop::__private::InstanceFn {
                        <#our_self_ty as #operator>::table()
                            .instance::<#type_args>(<#our_self_ty as #operator>::deps)
                    }
                }
                #(#item_attrs)*
                impl #impl_params #operator for #our_self_ty #impl_clause {
                    type Twin = #twin_ty;
                    type Table = ::hotloop::__private::Dispatcher<#n_slots>;
                    #[inline(always)]
                    fn table() -> &'static Self::Table {
                        #dispatcher
                        #getter()
                    }
                    #[allow(unused_variables, unused_unsafe)]
                    fn deps(__hotloop_deps: &mut ::hotloop::__private::Deps) {
                        #assumed
                        #statements
                    }
                    #[cold]
                    #(#trap_attrs)*
                    fn replay(__hotloop_trap: &::hotloop::__private::TrapInfo) -> ! {
                        #trap_name(__hotloop_trap)
                    }
                }
                #(#item_attrs)*
                #trap
                #warnings
            };
        }
        if self.is_by_marker {
            let trait_twin = self.trait_twin(&marker);
            let for_references = self.for_references();
            let all_turbofish = Generics::turbofish(&self.merged, &self.generics.closures);
            let statements = self.outside(deps::statements(input, &self.generics.types));
            let assumed = self.outside(assumed);
            return quote! {
                #(#item_attrs)*
                #[allow(non_camel_case_types)]
                pub struct #marker;
                #(#item_attrs)*
                impl #marker {
                    #[allow(unused_variables, unused_unsafe)]
                    fn #deps_name #all_params (__hotloop_deps: &mut ::hotloop::__private::Deps) #all_clause {
                        #statements
                    }
                    #assumed
                    #dispatcher
                }
                #(#item_attrs)*
                impl #all_params ::hotloop::__private::Jitted<#type_args> for #marker #all_clause {
                    #function
                    #for_references
                    fn instance() -> ::hotloop::__private::InstanceFn {
                        #marker::#getter().instance::<#type_args>(#marker::#deps_name #all_turbofish)
                    }
                }
                #trait_twin
                #(#item_attrs)*
                #[cold]
                #[allow(dead_code)]
                #(#trap_attrs)*
                fn #replay(__hotloop_trap: &::hotloop::__private::TrapInfo) -> ! {
                    #trap_name(__hotloop_trap)
                }
                #(#item_attrs)*
                #trap
                #warnings
            };
        }
        let own_method = self.own_method();
        // For `hotloop::tools!(Particle::step)`.
        let tools_name = tools::name_of_method(&self.name);
        let listed = match self.generics.is_empty() {
            true => quote!(::core::option::Option::Some(Self::#deps_name)),
            false => quote!(::core::option::Option::None),
        };
        quote! {
            #(#item_attrs)*
            #[allow(non_camel_case_types)]
            pub struct #marker;
            #(#item_attrs)*
            impl #all_params ::hotloop::__private::Jitted<#type_args> for #marker #all_clause {
                #function
                fn instance() -> ::hotloop::__private::InstanceFn {
                    <#our_self_ty>::#getter().instance::<#type_args>(<#our_self_ty>::#deps_name #turbofish)
                }
            }
            #own_method
            #(#item_attrs)*
            impl #impl_params #our_self_ty #impl_clause {
                #[doc(hidden)]
                #[allow(unused_variables, dead_code, clippy::too_many_arguments)]
                #vis #twin {
                    ::hotloop::__private::any()
                }
                #[allow(unused_variables, unused_unsafe)]
                fn #deps_name #params (__hotloop_deps: &mut ::hotloop::__private::Deps) #clause {
                #statements
                }
                #assumed
                #dispatcher
                #[doc(hidden)]
                #[allow(dead_code)]
                #[inline]
                #vis fn #tools_name() -> ::hotloop::Tools {
                    ::hotloop::Tools::new(Self::#getter().registry(), #listed)
                }
                #[cold]
                #[allow(dead_code)]
                #(#trap_attrs)*
                fn #replay(__hotloop_trap: &::hotloop::__private::TrapInfo) -> ! {
                    #trap_name(__hotloop_trap)
                }
            }
            #(#item_attrs)*
            #trap
            #warnings
        }
    }

    /// Statements that rustc accepts if type parameters have the traits of num-traits that the capture took them to have.
    fn assumed(&self) -> TokenStream {
        if self.input.relied_on.is_empty() {
            return TokenStream::new();
        }
        let name = self.hidden_name("__hotloop_assumed_of_");
        let own = match self.is_by_marker {
            true => without(&self.merged, &self.generics.closures),
            false => without(&self.input.item.sig.generics, &self.generics.closures),
        };
        let (params, _, clause) = own.split_for_impl();
        let (params, clause) = (
            self.as_inherent(as_ours(params.to_token_stream())),
            self.as_inherent(as_ours(clause.to_token_stream())),
        );
        let checks = self.input.relied_on.iter().filter_map(|(index, path)| {
            let param = self
                .merged
                .type_params()
                .nth(*index)
                .map(|param| &param.ident)?;
            let param = as_ours(param.to_token_stream());
            Some(quote! {
                fn __hotloop_check<T: ::hotloop::__private::num_traits::#path>() {}
                __hotloop_check::<#param>();
            })
        });
        let checks = checks.map(|check| quote!({ #check }));
        if self.operator.is_some() {
            return quote!(#(#checks)*);
        }
        quote! {
            #[allow(dead_code)]
            fn #name #params () #clause {
                #(#checks)*
            }
        }
    }

    /// Tokens from an `impl` of a trait in an inherent one: `Self::Output` is `<Self as Trait>::Output`. Names of associated types have
    /// lower-case letters, those of constants have none.
    pub(super) fn as_inherent(&self, tokens: TokenStream) -> TokenStream {
        let Some((path, _)) = &self.item.trait_ else {
            return tokens;
        };
        let path = as_ours(path.to_token_stream());
        replace_self(tokens, &mut |_, following| match following {
            Some(name) if is_type_name(name) => Some(quote!(<Self as #path>)),
            _ => None,
        })
    }

    /// Tokens in a place without `Self`.
    pub(super) fn outside(&self, tokens: TokenStream) -> TokenStream {
        let ty = as_ours(self.item.self_ty.to_token_stream());
        let path = (self.item.trait_.as_ref()).map(|(path, _)| as_ours(path.to_token_stream()));
        replace_self(tokens, &mut |_, following| {
            Some(match (following, &path) {
                (Some(name), Some(path)) if is_type_name(name) => quote!(<#ty as #path>),
                (Some(_), _) => quote!(<#ty>),
                (None, _) => ty.clone(),
            })
        })
    }
}

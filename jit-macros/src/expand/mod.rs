//! From a captured function to the tokens that replace it.

mod callee;
mod deps;
#[cfg(test)]
mod deps_tests;
mod generics;
mod left;
mod macro_flow;
mod macros;
mod meant;
mod methods;
mod namesake;
mod nan;
mod operators;
mod ours;
mod precedence;
mod self_type;
mod shim;
mod sorts;
mod std_names;
mod std_traits;
#[cfg(test)]
mod tests;
mod tools;
mod traits;
mod trap;
mod twins;
mod witnesses;

use hotloop_ir::ScalarTy;
use hotloop_ir::frontend::{Captured, ExternUse, NodeTable, PanicNode, into_target};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{FnArg, ItemFn, Pat};

pub(crate) use left::{expand_left, left_prologue, reason, takes_iterator};
pub(crate) use methods::{Method, check_impl, expand_impl};
pub(crate) use operators::spell_receiver;
pub(crate) use self_type::spell_self;
pub(crate) use tools::of_path as tools_of_path;
pub(crate) use traits::{as_impl, expand_trait};

use crate::attributes;
use crate::options::{JitOptions, Problem};
use crate::profile::Profile;
use generics::Generics;
use ours::{as_ours, our_ident};
use shim::{Args, Results};

/// The number of type parameters that the runtime can tell apart (`TypeArgs` in jit-runtime).
const MAX_TYPE_PARAMS: usize = 8;

/// Everything that the expansion of a function is made from.
pub(crate) struct Input<'a> {
    /// The function as the user wrote it.
    pub(crate) item: &'a ItemFn,
    /// The function with the types of its variables written in.
    pub(crate) retained: &'a ItemFn,
    /// The captured function, encoded.
    pub(crate) bytes: &'a [u8],
    /// What rustc has to be asked about.
    pub(crate) uses: &'a [ExternUse],
    /// The tokens of the nodes.
    pub(crate) nodes: &'a NodeTable,
    /// The nodes that may panic.
    pub(crate) panics: &'a [PanicNode],
    /// The nodes of methods of num-traits.
    pub(crate) generic_methods: &'a [u32],
    /// The nodes of indices that are ranges, some of them in variables.
    pub(crate) range_indices: &'a [u32],
    /// Traits of num-traits that the capture took type parameters, by their index, to have.
    pub(crate) relied_on: &'a [(usize, TokenStream)],
    /// What the attribute asks for.
    pub(crate) options: &'a JitOptions,
    /// How the calling crate is built.
    pub(crate) profile: &'a Profile,
}

impl<'a> Input<'a> {
    /// What was captured, with its encoding.
    pub(crate) fn new(
        item: &'a ItemFn,
        captured: &'a Captured,
        bytes: &'a [u8],
        options: &'a JitOptions,
        profile: &'a Profile,
    ) -> Self {
        Input {
            item,
            retained: &captured.retained,
            bytes,
            uses: &captured.extern_uses,
            nodes: &captured.nodes,
            panics: &captured.panics,
            generic_methods: &captured.generic_methods,
            range_indices: &captured.range_indices,
            relied_on: &captured.relied_on,
            options,
            profile,
        }
    }
}

/// Replaces `#[jit] pub fn dot<T: Float>(a: &[T], b: &[T]) -> T { .. }` by
///
/// ```text
/// pub fn dot<T: Float>(a: &[T], b: &[T]) -> T {
///     match dot::__hotloop().ready::<(T,)>() {
///         Some(entry) => dot::__hotloop_enter::<T>(entry, a, b),
///         None => dot::__hotloop_slowly::<T>(false, a, b),
///     }
/// }
/// pub enum dot {}
/// impl dot {
///     pub fn plain<T: Float>(a: &[T], b: &[T]) -> T { .. }      // the user's body
///     pub fn compile<T: Float>() -> Result<Specialization, Error> { .. }
///     pub fn specializations() -> Vec<Specialization> { .. }
///     pub fn report() -> Report { .. }
///     pub fn ir() -> String { .. }
///     pub fn llvm_ir() -> Result<String, Error> { .. }
///     pub fn asm() -> Result<String, Error> { .. }
///     fn __hotloop_enter<T: Float>(entry: EntryPoint, a: &[T], b: &[T]) -> T {
///         ::hotloop::__private::call! {
///             entry(entry)
///             args(*const T = <[_]>::as_ptr(a), usize = <[_]>::len(a), *const T = <[_]>::as_ptr(b), usize = <[_]>::len(b))
///             results(__hotloop_0: T)
///             value([leaf __hotloop_0])
///             trap(dot::__hotloop().registry(), dot::__hotloop_trap)
///             declined(dot::__hotloop_slowly::<T>(true, a, b))
///         }
///     }
///     // The first call, those of rustc's version, and those that compiled code leaves to it (`declined`); with what the capture took `Float` to be as a second bound.
///     fn __hotloop_slowly<T: Float + ::hotloop::__private::num_traits::float::Float>(declined: bool, a: &[T], b: &[T]) -> T {
///         match dot::__hotloop().entry::<(T,)>(declined, dot::__hotloop_deps::<T>) {
///             Some(entry) => dot::__hotloop_enter::<T>(entry, a, b),
///             None => dot::plain::<T>(a, b),
///         }
///     }
///     // The twin: has the type of the function, and says which instance it is. Never runs.
///     pub fn __hotloop_instance_of<T: Float>(a: &[T], b: &[T]) -> Twin<dot, (T,)> { any() }
///     // What the names in the function mean.
///     fn __hotloop_deps<T: Float>(deps: &mut Deps) { .. }
///     fn __hotloop() -> &'static Dispatcher<16> { static __HOTLOOP: Dispatcher<16> = ..; &__HOTLOOP }
///     fn __hotloop_trap(trap: &TrapInfo) -> ! { match trap.node() { 17 => replay(trap), .. } }
/// }
/// impl<T: Float> Jitted<(T,)> for dot { .. }                     // without type parameters, that of the runtime for all companions
/// impl JitFunction for dot { .. }
/// ```
///
/// Tokens that the user did not write have the attribute's span, so that lints do not look at them; the tokens of the
/// signature and the body keep theirs. Names of the companion items resolve as the user's do, and everything else is
/// reached by an absolute path.
///
/// A function that takes a closure has no entry point: Rust's calls run rustc's body, and callers that are compiled contain it.
///
/// # Errors
///
/// If the function cannot be expanded although it was captured.
pub(crate) fn expand(input: &Input<'_>) -> Result<TokenStream, Vec<Problem>> {
    let Input { item, retained, .. } = input;
    let function = Function::of(item, !input.uses.is_empty())?;
    let attributes = attributes::sort(&item.attrs);

    let signature = function.shim_signature(item);
    let vis = &item.vis;
    let (function_attrs, plain_attrs) = (&attributes.function, &attributes.plain);
    let companion = &function.companion;
    let args = function.args(item);
    let contained = args.impossible.then(|| left::contained(&item.sig));
    check_require(input, &args)?;
    let (warnings, names) = (nan::warnings(input), std_names::checks(input));
    let warnings = quote!(#warnings #names);
    let (call, ways) = if args.impossible {
        let call = function.call_plain(item);
        (
            quote!(#companion::__hotloop().left(); #call),
            TokenStream::new(),
        )
    } else {
        let call = match args.are_numbers() {
            Some(are_numbers) => {
                let (conversions, call) = (&args.conversions, function.call(&args));
                let plain = function.call_plain(item);
                quote! {
                    if #are_numbers {
                        #conversions
                        #call
                    } else {
                        #plain
                    }
                }
            }
            None => function.call(&args),
        };
        (call, function.ways(input, args, &attributes.trap))
    };
    let shim = quote! {
        #(#function_attrs)*
        #vis #signature { #call }
    };

    let mut plain_signature = retained.sig.clone();
    plain_signature.ident = Ident::new("plain", retained.sig.ident.span());
    let plain_block = &retained.block;
    // In a private type, lints would call it unreachable if it had the user's token.
    let plain_vis = match function.is_namesake {
        true => as_ours(vis.to_token_stream()),
        false => vis.to_token_stream(),
    };
    let plain = quote! {
        #[doc = "The function as rustc compiled it.\n\n# Panics\n\nAs the function itself."]
        #(#plain_attrs)*
        #plain_vis #plain_signature #plain_block
    };

    let item_attrs = &attributes.item;
    let tools_vis = as_ours(vis.to_token_stream());
    let companion_vis = (!function.is_namesake).then_some(&tools_vis);
    let beside = (function.is_namesake)
        .then(|| namesake::beside(&function, item, &attributes.item, &attributes.trap));
    let doc = format!(
        "What hotloop knows of [`{0}()`]: the version that rustc compiled, the versions that were compiled at run time, and their texts.",
        function.name
    );
    let tools = tools::tools(&tools_vis, &function);
    let trap_name = format_ident!("__hotloop_trap");
    let dispatcher = tools::dispatcher(
        input,
        &function.generics,
        &format_ident!("__hotloop"),
        &function.name,
        &match input.panics.is_empty() {
            true => quote!(::hotloop::__private::replay_failed),
            false => quote!(#companion::#trap_name),
        },
        (!input.uses.is_empty()).then_some(&function.deps),
        contained,
    );
    let trap = (!input.panics.is_empty() || !attributes.trap.is_empty())
        .then(|| trap::function(&trap_name, input, &attributes.trap));
    let twin = function.twin(&tools_vis, item, &format_ident!("{}", deps::TWIN));
    let deps = function.deps(input);
    // That of a function without type parameters is the runtime's.
    let is_alone = function.generics.is_empty() && !function.is_namesake;
    let jitted = (!is_alone).then(|| {
        let jitted = function.jitted();
        quote!(#(#item_attrs)* #jitted)
    });
    Ok(quote! {
        #shim
        #(#item_attrs)*
        #[doc = #doc]
        #companion_vis enum #companion {}
        #(#item_attrs)*
        impl #companion {
            #plain
            #ways
            #tools
            #twin
            #deps
            #dispatcher
            #trap
        }
        #warnings
        #beside
        #jitted
        #(#item_attrs)*
        impl ::hotloop::JitFunction for #companion {
            #[inline]
            fn __registry() -> &'static ::hotloop::__private::Registry {
                #companion::__hotloop().registry()
            }
        }
    })
}

/// Requirements are for functions that are compiled as such.
fn check_require(input: &Input<'_>, args: &Args) -> Result<(), Vec<Problem>> {
    match input.options.require {
        Some(require) if args.impossible => Err(vec![Problem::new(
            require.span,
            "`require` on a function that is compiled as a part of its callers only",
            "move it to the functions that call this one with closures",
        )]),
        _ => Ok(()),
    }
}

/// What a twin returns. Where the result alone tells a type argument, its type is a part of it.
/// `generics` are those of the function and of its `impl`.
fn twin_output(
    signature: &syn::Signature,
    generics: &syn::Generics,
    marker: &Ident,
    type_args: &TokenStream,
) -> syn::ReturnType {
    let inputs = &signature.inputs;
    let inputs = quote!(#inputs);
    let of_self = names(&inputs, "self") || names(&inputs, "Self");
    let is_told =
        of_self || (generics.type_params()).all(|param| names(&inputs, &param.ident.to_string()));
    let gives = match &signature.output {
        syn::ReturnType::Type(_, ty) if !is_told && !names(&quote!(#ty), "impl") => {
            quote!(, ::hotloop::__private::Gives<#ty>)
        }
        _ => TokenStream::new(),
    };
    syn::parse_quote!(-> ::hotloop::__private::Twin<#marker, #type_args #gives>)
}

/// Whether a name is among tokens.
fn names(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == name,
        proc_macro2::TokenTree::Group(group) => names(&group.stream(), name),
        _ => false,
    })
}

/// The names that several parts use.
struct Function {
    /// The function's name, without `r#`.
    name: String,
    /// The companion type, named as the function.
    companion: Ident,
    /// Whether the function has its module's name, too.
    is_namesake: bool,
    /// The type that twins name: the companion, where that is visible to callers.
    marker: Ident,
    /// The parameters, those that are no names under names of ours.
    params: Vec<Ident>,
    generics: Generics,
    /// `::<T, F>`, or nothing.
    turbofish: TokenStream,
    /// The same without closures.
    instance_turbofish: TokenStream,
    /// The function that says what the names mean, for these types.
    deps: TokenStream,
    /// Whether it is left to rustc.
    is_left: bool,
}

impl Function {
    fn of(item: &ItemFn, has_deps: bool) -> Result<Self, Vec<Problem>> {
        Self::with(item, Generics::of(&item.sig.generics), has_deps, false)
    }

    /// A function that has no instances.
    fn left(item: &ItemFn) -> Result<Self, Vec<Problem>> {
        Self::with(item, Generics::of_none(&item.sig.generics), false, true)
    }

    fn with(
        item: &ItemFn,
        generics: Generics,
        has_deps: bool,
        is_left: bool,
    ) -> Result<Self, Vec<Problem>> {
        let signature = &item.sig;
        let mut problems = Vec::new();
        let name = signature.ident.unraw().to_string();
        if ScalarTy::from_name(&name).is_some() {
            problems.push(Problem::new(
                signature.ident.span(),
                format!("a jitted function cannot be named `{name}`"),
                format!("rename it: its companion type would hide the type `{name}`"),
            ));
        }
        check_type_params(&generics, &signature.ident, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let companion = our_ident(&signature.ident);
        let instance_turbofish = Generics::turbofish(&signature.generics, &generics.closures);
        let is_namesake = namesake::is_namesake(item);
        Ok(Function {
            marker: match is_namesake {
                true => namesake::marker_name(&name),
                false => companion.clone(),
            },
            is_namesake,
            name,
            params: params_of(signature).iter().map(our_ident).collect(),
            turbofish: Generics::turbofish(&signature.generics, &[]),
            deps: match has_deps {
                true => quote!(#companion::__hotloop_deps #instance_turbofish),
                false => quote!(::hotloop::__private::no_deps),
            },
            instance_turbofish,
            companion,
            generics,
            is_left,
        })
    }

    /// The user's signature; the parameters are bound by names of ours, and not `mut`.
    fn shim_signature(&self, item: &ItemFn) -> syn::Signature {
        let mut signature = item.sig.clone();
        for (param, name) in signature.inputs.iter_mut().zip(&self.params) {
            if let FnArg::Typed(typed) = param {
                typed.attrs.clear();
                *typed.pat = name_pattern(name);
            }
        }
        signature
    }

    /// The signature of what is called with numbers for parameters `impl Into<T>`.
    fn converted_signature(&self, item: &ItemFn) -> syn::Signature {
        let mut signature = self.shim_signature(item);
        for param in &mut signature.inputs {
            if let FnArg::Typed(typed) = param
                && let Some(target) = into_target(&typed.ty).cloned()
            {
                *typed.ty = target;
            }
        }
        signature
    }

    /// What is passed to an entry point.
    fn args(&self, item: &ItemFn) -> Args {
        let mut args = Args::default();
        for (param, name) in item.sig.inputs.iter().zip(&self.params) {
            args.push_param(name, param, &self.generics);
        }
        args.check_output(&item.sig.output);
        args
    }

    /// The body of the function that is called: compiled code, if there is some already. All else is out of line, so that a caller's
    /// registers survive the way that is taken.
    fn call(&self, args: &Args) -> TokenStream {
        let Function {
            companion,
            params,
            turbofish,
            ..
        } = self;
        let type_args = self.generics.type_args();
        let declined = args.may_decline.then(|| quote!(false,));
        quote! {
            match #companion::__hotloop().ready::<#type_args>() {
                ::core::option::Option::Some(__hotloop_entry) => {
                    #companion::__hotloop_enter #turbofish(__hotloop_entry, #(#params),*)
                }
                ::core::option::Option::None => {
                    #companion::__hotloop_slowly #turbofish(#declined #(#params),*)
                }
            }
        }
    }

    /// The body of a function that takes a closure.
    fn call_plain(&self, item: &ItemFn) -> TokenStream {
        let (companion, params) = (&self.companion, &self.params);
        fn is_impl(ty: &syn::Type) -> bool {
            match ty {
                syn::Type::Reference(reference) => is_impl(&reference.elem),
                syn::Type::Paren(inner) => is_impl(&inner.elem),
                ty => matches!(ty, syn::Type::ImplTrait(_)) && into_target(ty).is_none(),
            }
        }
        let has_impl = (item.sig.inputs.iter())
            .any(|input| matches!(input, FnArg::Typed(typed) if is_impl(&typed.ty)));
        // `impl Fn(..)` is a parameter without a name, which rustc finds by itself.
        let turbofish = if has_impl {
            &TokenStream::new()
        } else {
            &self.turbofish
        };
        quote!(#companion::plain #turbofish(#(#params),*))
    }

    /// The companion's functions that a call goes through: into compiled code, and the slow way there.
    fn ways(&self, input: &Input<'_>, args: Args, attributes: &[TokenStream]) -> TokenStream {
        let Function {
            companion,
            params,
            turbofish,
            deps,
            ..
        } = self;
        let type_args = self.generics.type_args();
        let mut enter = self.converted_signature(input.item);
        enter.ident = format_ident!("__hotloop_enter");
        enter.inputs.insert(
            0,
            syn::parse_quote!(__hotloop_entry: ::hotloop::__private::EntryPoint),
        );
        // Clippy allows 7 parameters, and `enter` has one more than the user's function.
        let many = (params.len() >= 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
        let mut slowly = self.converted_signature(input.item);
        slowly.ident = format_ident!("__hotloop_slowly");
        rely_on(&mut slowly.generics, input.relied_on);
        let declined = args
            .may_decline
            .then(|| format_ident!("__hotloop_declined"));
        if let Some(declined) = &declined {
            let param = syn::parse_quote!(#declined: ::core::primitive::bool);
            slowly.inputs.insert(0, param);
        }
        let declined = declined.map_or_else(|| quote!(false), ToTokens::into_token_stream);
        let [enter, slowly] = [enter, slowly].map(|signature| as_ours(signature.to_token_stream()));
        let Results { leaves, value } = Results::of(&input.item.sig.output, &self.generics);
        let again =
            args.declined(quote!(#companion::__hotloop_slowly #turbofish(true, #(#params),*)));
        let Args { before, args, .. } = args;
        // Through a pointer, `track_caller` would see the runtime.
        let replay = (!attributes.is_empty()).then(|| quote!(, #companion::__hotloop_trap));
        quote! {
            #[inline]
            #many
            #(#attributes)*
            #enter {
                #before
                ::hotloop::__private::call! {
                    entry(__hotloop_entry)
                    args(#(#args),*)
                    results(#(#leaves),*)
                    value(#value)
                    trap(#companion::__hotloop().registry() #replay)
                    #again
                }
            }
            #[cold]
            #[inline(never)]
            #many
            #(#attributes)*
            #slowly {
                match #companion::__hotloop().entry::<#type_args>(#declined, #deps) {
                    ::core::option::Option::Some(__hotloop_entry) => {
                        #companion::__hotloop_enter #turbofish(__hotloop_entry, #(#params),*)
                    }
                    ::core::option::Option::None => #companion::plain #turbofish(#(#params),*),
                }
            }
        }
    }

    /// The twin: of the function's type but for the result, which says what instance it is.
    fn twin(&self, vis: &TokenStream, item: &ItemFn, name: &Ident) -> TokenStream {
        let (marker, type_args) = (&self.marker, self.generics.type_args());
        let mut twin = self.shim_signature(item);
        twin.ident = name.clone();
        // What has the place of its caller is called by rustc's code.
        twin.output = match self.is_left || !attributes::sort(&item.attrs).trap.is_empty() {
            true => syn::parse_quote!(-> ::hotloop::__private::NotJitted),
            false => twin_output(&item.sig, &item.sig.generics, marker, &type_args),
        };
        let twin = as_ours(twin.to_token_stream());
        quote! {
            #[doc(hidden)]
            #[inline]
            #[allow(unused_variables, clippy::too_many_arguments)]
            #vis #twin {
                ::hotloop::__private::any()
            }
        }
    }

    /// The function that says what the names mean.
    fn deps(&self, input: &Input<'_>) -> TokenStream {
        if input.uses.is_empty() {
            return TokenStream::new();
        }
        let statements = deps::statements(input, &self.generics.types);
        let generics = self.generics.of_instance();
        let (params, _, clause) = generics.split_for_impl();
        let (params, clause) = (
            as_ours(params.to_token_stream()),
            as_ours(clause.to_token_stream()),
        );
        quote! {
            #[allow(unused_variables, unused_unsafe)]
            fn __hotloop_deps #params (__hotloop_deps: &mut ::hotloop::__private::Deps) #clause {
                #statements
            }
        }
    }

    /// The instance for the type arguments.
    fn jitted(&self) -> TokenStream {
        let Function {
            companion,
            marker,
            deps,
            ..
        } = self;
        let type_args = self.generics.type_args();
        let generics = self.generics.of_instance();
        let (params, _, clause) = generics.split_for_impl();
        let (params, clause) = (
            as_ours(params.to_token_stream()),
            as_ours(clause.to_token_stream()),
        );
        quote! {
            impl #params ::hotloop::__private::Jitted<#type_args> for #marker #clause {
                #[inline]
                fn instance() -> ::hotloop::__private::InstanceFn {
                    #companion::__hotloop().instance::<#type_args>(#deps)
                }
            }
        }
    }
}

/// The names of the parameters; those that are patterns get names of ours.
fn params_of(signature: &syn::Signature) -> Vec<Ident> {
    (signature.inputs.iter().enumerate())
        .map(|(index, param)| match param {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
                    pat.ident.clone()
                }
                _ => format_ident!("__hotloop_arg_{index}"),
            },
            FnArg::Receiver(receiver) => Ident::new("self", receiver.self_token.span),
        })
        .collect()
}

/// The pattern that is this name.
fn name_pattern(name: &Ident) -> Pat {
    Pat::Ident(syn::PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: name.clone(),
        subpat: None,
    })
}

fn check_type_params(generics: &Generics, name: &Ident, problems: &mut Vec<Problem>) {
    if generics.types.len() > MAX_TYPE_PARAMS {
        problems.push(Problem::new(
            name.span(),
            format!("more than {MAX_TYPE_PARAMS} type parameters"),
            "give some parameters the same type",
        ));
    }
}

/// Adds traits of num-traits as bounds. The user's bounds must imply these, or a call is an error: a trait may only share the name of one
/// of num-traits.
fn rely_on(generics: &mut syn::Generics, relied_on: &[(usize, TokenStream)]) {
    for (index, path) in relied_on {
        let bound: syn::TypeParamBound = syn::parse_quote!(::hotloop::__private::num_traits::#path);
        let Some(param) = generics.type_params_mut().nth(*index) else {
            continue;
        };
        // Where the user has bounds, because lints want them in one place.
        if param.bounds.is_empty() {
            let param = param.ident.clone();
            let clause = generics.make_where_clause();
            clause.predicates.push(syn::parse_quote!(#param: #bound));
        } else {
            param.bounds.push(bound);
        }
    }
}

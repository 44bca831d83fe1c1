//! How rustc is asked which function a call means: by calling its twin, which a function has that is jitted.
//!
//! What has no twin is not jitted, and is called through a trampoline. A name alone does not tell, so beside each call there is a twin that
//! rustc finds if there is no other:
//!
//! ```text
//! {
//!     enum __hotloop_callee {}
//!     impl __hotloop_callee { fn __hotloop_instance_of(_: impl Sized) -> NotJitted { any() } }
//!     {
//!         use path::to::foo as __hotloop_callee;
//!         __hotloop_callee::__hotloop_instance_of(x)
//!     }
//! }
//! ```
//!
//! The `use` imports each namespace that `foo` is in: the companion type, if there is one; else the type of this name remains the enum.

use hotloop_ir::ScalarTy;
use hotloop_ir::frontend::Witness;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::deps::{Asker, Pointee as _, TWIN, is_number, is_open, twin_name};
use super::namesake;
use super::std_traits::{is_of_trait, is_told_by_result};

/// The most arguments that a trampoline passes (`HostArgs` in jit-runtime).
pub(super) const MAX_HOST_ARGS: usize = 12;

/// Methods of std whose result depends on where it goes, which a closure does not tell.
const GENERIC_RESULTS: &[&str] = &[
    "into", "try_into", "parse", "collect", "sum", "product", "as_", "as_ref", "borrow",
];

/// Methods of traits of std, of which nobody can jit an `impl` for numbers.
const METHODS_OF_STD: &[&str] = &[
    "from",
    "try_from",
    "into",
    "try_into",
    "clone",
    "default",
    "eq",
    "ne",
    "cmp",
    "partial_cmp",
    "lt",
    "le",
    "gt",
    "ge",
    "sum",
    "product",
    "to_owned",
    "borrow",
    "as_ref",
    "fmt",
    "to_string",
];

/// The name that the callee has inside of its question.
const CALLEE: &str = "__hotloop_callee";

impl Asker<'_> {
    /// The statement about a call of a path.
    pub(super) fn callee(
        &self,
        node: u32,
        path: &syn::ExprPath,
        args: &[Witness],
        result: Option<&Witness>,
    ) -> Option<TokenStream> {
        let number = Literal::u32_unsuffixed(node);
        // The place of the call may be all that tells which instance is meant.
        let result = result.filter(|result| !is_open(result));
        if is_of_trait(path) && result.is_none() && is_told_by_result(path) {
            return Some(quote!(__hotloop_deps.untold(#number);));
        }
        let giving = result.map(|result| {
            let result = self.witness(result);
            quote!(.giving(|| #result))
        });
        if args.len() > MAX_HOST_ARGS || args.iter().any(has_closure) {
            let witnesses = self.witnesses(args);
            let call = self.guarded(node, self.twin_call(path, args, &witnesses));
            return Some(quote!(__hotloop_deps.callee(#number, || (#call) #giving);));
        }
        let names: Vec<_> = (0..args.len())
            .map(|index| format_ident!("__hotloop_{index}").to_token_stream())
            .collect();
        let witnesses = self.witnesses(args);
        // A twin is as unsafe as its function.
        let twin = self.guarded(node, self.twin_call(path, args, &names));
        let text = path.to_token_stream().to_string().replace(' ', "");
        // Where a function with `track_caller` is called, its name and the parentheses say.
        let span = path.span();
        let function = Ident::new("__hotloop_function", span);
        let call = quote_spanned!(span => #function(#(#names),*));
        let mut host = self.guarded(node, call);
        if let Some(result) = result {
            let result = self.witness(result);
            host = quote!(::hotloop::__private::like(|| #result, #host));
        }
        // What several questions have in common is nothing that would have to be captured.
        let by_copy = result.map(|_| quote!(move));
        let call = match giving {
            Some(giving) if !is_of_trait(path) => quote!((#twin) #giving),
            _ => twin,
        };
        let pattern = quote!((#(#names,)*));
        let types = types_of(args);
        let call_of = match is_associated(path) {
            true => quote!(call_associated),
            false => quote!(call),
        };
        Some(quote! {
            __hotloop_deps.#call_of(
                #number,
                #text,
                || (#(#witnesses,)*),
                |#pattern| #call,
                #by_copy |#pattern| {
                    let #function = #path;
                    ::hotloop::__private::called(
                        #function,
                        ::hotloop::__private::Returned(#host).returned(),
                    )
                },
                #types,
            );
        })
    }

    /// The statement about a call of a function of a number's type, which has no twin.
    pub(super) fn outside(&self, node: u32, args: &[Witness]) -> Option<TokenStream> {
        if args.len() > MAX_HOST_ARGS || args.iter().any(has_closure) {
            return None;
        }
        let names: Vec<_> = (0..args.len())
            .map(|index| format_ident!("__hotloop_{index}"))
            .collect();
        if let (Some(_), Some((receiver, rest))) =
            (self.nodes.methods.get(&node), args.split_first())
        {
            let number = Literal::u32_unsuffixed(node);
            let (text, host) = self.host_method(node, receiver, rest)?;
            return Some(quote!(__hotloop_deps.outside(#number, #text, #host);));
        }
        let path = self.path(node)?;
        // Nothing but its argument tells which conversion is meant.
        let is_from = path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "from");
        if is_from && args.iter().any(|arg| is_open(arg) || self.may_borrow(arg)) {
            return None;
        }
        let text = path.to_token_stream().to_string().replace(' ', "");
        let call = quote_spanned!(path.span() => #path(#(#names),*));
        let host = self.guarded(node, call);
        let witnesses = self.witnesses(args);
        let number = Literal::u32_unsuffixed(node);
        let pattern = quote!((#(#names,)*));
        let types = types_of(args);
        Some(quote! {
            __hotloop_deps.outside(
                #number,
                #text,
                || (#(#witnesses,)*),
                |#pattern| ::hotloop::__private::Returned(#host).returned(),
                #types,
            );
        })
    }

    /// What is told of a call if it is not one of a jitted method of a trait, which its own type tells: of a type parameter's, or a number's.
    pub(super) fn unless_jitted(
        &self,
        node: u32,
        args: &[Witness],
        told: Option<TokenStream>,
    ) -> Option<TokenStream> {
        let Some(method) = self.method_path(node, args) else {
            return told;
        };
        let id = self.method_id(node, &method, args);
        let node = Literal::u32_unsuffixed(node);
        Some(quote! {
            if !__hotloop_deps.is_jitted_method(#node, #id) {
                #told
            }
        })
    }

    /// As [`Asker::unless_jitted`], of a method of something that only rustc knows. It may be of a type parameter's type; which methods that has
    /// shows where they are called.
    pub(super) fn unless_of_param(
        &self,
        node: u32,
        receiver: &Witness,
        args: &[Witness],
        told: TokenStream,
    ) -> TokenStream {
        let param = (self.nodes.methods.get(&node)).and_then(|method| {
            let name = method.method.to_string();
            let (_, param) = self.of_params.iter().find(|(known, _)| *known == name)?;
            Some(Witness::Param(*param))
        });
        let Some(param) = param else {
            return told;
        };
        let mut all = vec![param.clone()];
        all.extend_from_slice(args);
        let Some((ty, method)) = self.witness_type(&param).zip(self.method_path(node, &all)) else {
            return told;
        };
        let id = self.method_id(node, &method, &all);
        let receiver = self.witness(receiver.pointee());
        let node = Literal::u32_unsuffixed(node);
        quote! {
            if !__hotloop_deps.is_jitted_method_of::<#ty, _>(#node, || #receiver, #id) {
                #told
            }
        }
    }

    /// As [`Asker::unless_jitted`], of a method of a type that is named, which it may have from its trait.
    pub(super) fn unless_of_trait(
        &self,
        node: u32,
        receiver: &Witness,
        args: &[Witness],
        told: TokenStream,
    ) -> Option<TokenStream> {
        // Numbers tell what a method is for that is generic.
        let are_numbers = args.iter().all(|arg| match arg {
            Witness::Ref { to, mutable: false } => is_of_name(to),
            Witness::Slice {
                elem,
                mutable: false,
            } => is_of_name(elem),
            arg => is_of_name(arg),
        });
        let is_operator = self.nodes.operators.contains_key(&node);
        if !are_numbers || is_operator || !matches!(receiver.pointee(), Witness::Adt(_)) {
            return Some(told);
        }
        let mut all = vec![receiver.pointee().clone()];
        all.extend_from_slice(args);
        self.unless_jitted(node, &all, Some(told))
    }

    /// The type of a function that is called with such arguments.
    pub(super) fn method_id(
        &self,
        node: u32,
        function: &TokenStream,
        args: &[Witness],
    ) -> TokenStream {
        let is_method = self.nodes.methods.contains_key(&node);
        // What is passed for a reference to an array may be coerced; a number is what it is.
        let args = args.iter().enumerate().map(|(index, arg)| match arg {
            Witness::Scalar(_) | Witness::Param(_) | Witness::Int | Witness::Float
                if index > 0 || !is_method =>
            {
                self.witness(arg)
            }
            Witness::Ref { to, mutable: false }
            | Witness::Slice {
                elem: to,
                mutable: false,
            } if index > 0 && is_of_name(to) => self.witness(arg),
            Witness::Adt(_) if index > 0 => self.witness(arg),
            _ => quote!(::hotloop::__private::any()),
        });
        quote!(::hotloop::__private::method_id_for(#function, || (#(#args,)*)))
    }

    /// The path of a method or an associated function that may be one of a trait of the user's.
    fn method_path(&self, node: u32, args: &[Witness]) -> Option<TokenStream> {
        if self.nodes.in_unsafe.contains(&node)
            || args.len() > MAX_HOST_ARGS
            || args.iter().any(has_closure)
        {
            return None;
        }
        let (path, name) = match self.nodes.methods.get(&node) {
            Some(call) => {
                if call.turbofish.is_some() {
                    return None;
                }
                let receiver = args.first()?.pointee();
                let is_told = matches!(
                    receiver,
                    Witness::Scalar(_) | Witness::Param(_) | Witness::Adt(_)
                );
                let ty = is_told.then(|| self.witness_type(receiver)).flatten()?;
                let name = &call.method;
                (quote!(<#ty>::#name), name.clone())
            }
            None => {
                let path = self.path(node)?;
                let last = path.path.segments.last()?;
                if !last.arguments.is_none() {
                    return None;
                }
                (path.to_token_stream(), last.ident.clone())
            }
        };
        (!METHODS_OF_STD.contains(&&*name.unraw().to_string())).then_some(path)
    }

    /// The type of a number.
    pub(super) fn witness_type(&self, witness: &Witness) -> Option<TokenStream> {
        match witness {
            Witness::Scalar(scalar) => Some(super::shim::scalar_tokens(*scalar).to_token_stream()),
            Witness::Param(index) => {
                let param = self.params.get(*index as usize)?;
                Some(param.to_token_stream())
            }
            Witness::Adt(node) => Some(self.ty(*node)?.to_token_stream()),
            _ => None,
        }
    }

    /// How a method that is not jitted is called: its name; the arguments' types, the trampoline, and what its types are. `None` if too
    /// little is known of them.
    pub(super) fn host_method(
        &self,
        node: u32,
        receiver: &Witness,
        args: &[Witness],
    ) -> Option<(String, TokenStream)> {
        let method = self.nodes.methods.get(&node)?;
        // Methods of a reference may be others than those of what it leads to.
        let by = references(receiver);
        let receiver = receiver.pointee();
        let is_known = |witness: &Witness| {
            !is_open(witness) && !has_closure(witness) && !self.may_borrow(witness)
        };
        if args.len() + 1 > MAX_HOST_ARGS || !is_known(receiver) || !args.iter().all(is_known) {
            return None;
        }
        // Of the sum of an iterator, it is the addition that is asked for.
        if method.method == "sum" || method.method == "product" {
            return None;
        }
        if method.turbofish.is_none() && GENERIC_RESULTS.contains(&&*method.method.to_string()) {
            return None;
        }
        let names: Vec<_> = (0..args.len())
            .map(|index| format_ident!("__hotloop_{index}"))
            .collect();
        let (name, turbofish) = (&method.method, &method.turbofish);
        let passed = quote_spanned!(name.span() => (#(#names),*));
        let host = quote! {
            ::hotloop::__private::of_receiver!([#by] __hotloop_receiver .#name #turbofish #passed)
        };
        let (receiver, witnesses) = (self.witness(receiver), self.witnesses(args));
        let described = described(args, 1);
        Some((
            name.to_string(),
            quote! {
                || (::hotloop::__private::address_of(#receiver), #(#witnesses,)*),
                |(__hotloop_receiver, #(#names,)*)| {
                    let __hotloop_receiver = ::hotloop::__private::Receiver::new(__hotloop_receiver);
                    ::hotloop::__private::Returned((&__hotloop_receiver).give(#host)).returned()
                },
                |__hotloop_types| ::hotloop::__private::crossed(
                    ::hotloop::__private::Vec::from([
                        (0, (&&__hotloop_types.arg_0()).receiver_type()),
                        #(#described),*
                    ]),
                    (&__hotloop_types.result()).passed_type(),
                )
            },
        ))
    }

    /// The twin of a function that is no call but a value.
    pub(super) fn function_twin(&self, path: &syn::ExprPath) -> TokenStream {
        if is_of_trait(path) {
            return quote!(|| ::hotloop::__private::any::<::hotloop::__private::NotJitted>());
        }
        if self.edition_2015 || is_associated(path) {
            return twin_path(path);
        }
        self.with_fallback(path, &[], &|twin| twin)
    }

    fn twin_call(
        &self,
        path: &syn::ExprPath,
        args: &[Witness],
        tokens: &[TokenStream],
    ) -> TokenStream {
        if is_of_trait(path) {
            return quote!(::hotloop::__private::any::<::hotloop::__private::NotJitted>());
        }
        if let Some(call) = namesake_call(path, args, tokens) {
            return call;
        }
        if is_associated(path) {
            let twin = twin_path(path);
            // num-complex's functions have twins of ours in a trait, which another trait would make ambiguous.
            if cfg!(all(feature = "complex", not(test))) && is_complex(path) {
                return quote!({
                    use ::hotloop::__private::ComplexFunctions as _;
                    #twin(#(#tokens),*)
                });
            }
            let name = path.path.segments.last().map(|last| twin_name(&last.ident));
            let signature = fallback_signature(&name, path, args);
            return quote!({
                trait __HotloopFallback {
                    #signature;
                }
                impl<__HotloopAny: ?::core::marker::Sized> __HotloopFallback for __HotloopAny {
                    #signature {
                        ::hotloop::__private::any()
                    }
                }
                #twin(#(#tokens),*)
            });
        }
        if self.edition_2015 {
            let twin = twin_path(path);
            return quote!(#twin(#(#tokens),*));
        }
        self.with_fallback(path, args, &|twin| quote!(#twin(#(#tokens),*)))
    }

    /// Something done with the twin of a function, or with what stands for it where there is none.
    fn with_fallback(
        &self,
        path: &syn::ExprPath,
        args: &[Witness],
        make: &dyn Fn(TokenStream) -> TokenStream,
    ) -> TokenStream {
        let (callee, twin) = (format_ident!("{CALLEE}"), format_ident!("{TWIN}"));
        let mut function = path.path.clone();
        let arguments = match function.segments.last_mut() {
            Some(last) => std::mem::take(&mut last.arguments),
            None => syn::PathArguments::None,
        };
        let fallback = fallback_type(&callee, path, args);
        let made = make(quote!(#callee::#twin #arguments));
        quote!({
            #fallback
            {
                #[allow(unused_imports)]
                use #function as #callee;
                #made
            }
        })
    }
}

/// A type with a twin that says that the function is not jitted.
fn fallback_type(name: &Ident, path: &syn::ExprPath, args: &[Witness]) -> TokenStream {
    let signature = fallback_signature(&Some(format_ident!("{TWIN}")), path, args);
    quote! {
        #[allow(non_camel_case_types, dead_code)]
        enum #name {}
        impl #name {
            #[allow(dead_code)]
            #signature {
                ::hotloop::__private::any()
            }
        }
    }
}

/// A twin for any arguments of this number, with as many generic parameters as the call has arguments for them.
fn fallback_signature(name: &Option<Ident>, path: &syn::ExprPath, args: &[Witness]) -> TokenStream {
    let arguments = path.path.segments.last().map(|last| &last.arguments);
    let generics = match arguments {
        Some(syn::PathArguments::AngleBracketed(arguments)) => (arguments.args.iter().enumerate())
            .filter_map(|(index, argument)| {
                let param = format_ident!("__HOTLOOP_{index}");
                match argument {
                    syn::GenericArgument::Type(_) => Some(quote!(#param: ?::core::marker::Sized)),
                    syn::GenericArgument::Const(syn::Expr::Lit(syn::ExprLit {
                        lit: syn::Lit::Bool(_),
                        ..
                    })) => Some(quote!(const #param: bool)),
                    syn::GenericArgument::Const(_) => Some(quote!(const #param: usize)),
                    _ => None,
                }
            })
            .collect(),
        _ => Vec::new(),
    };
    let params = args.iter().map(fallback_param);
    quote! {
        #[allow(non_camel_case_types, clippy::too_many_arguments)]
        fn #name<#(#generics),*>(#(_: #params),*) -> ::hotloop::__private::NotJitted
    }
}

/// The type of a parameter that takes such an argument. A closure does not say what its parameters are.
fn fallback_param(witness: &Witness) -> TokenStream {
    match witness {
        Witness::Closure(n_params, _) => {
            let params = (0..*n_params).map(|_| quote!(()));
            quote!(fn(#(#params),*))
        }
        Witness::Ref { to, mutable } if has_closure(to) => {
            let to = fallback_param(to);
            match mutable {
                false => quote!(&#to),
                true => quote!(&mut #to),
            }
        }
        _ => quote!(impl ::core::marker::Sized),
    }
}

/// `& &mut`, as a type begins.
fn references(witness: &Witness) -> TokenStream {
    match witness {
        Witness::Ref { to, mutable } => {
            let inner = references(to);
            match mutable {
                false => quote!(& #inner),
                true => quote!(&mut #inner),
            }
        }
        _ => TokenStream::new(),
    }
}

/// Whether a type is a number's, or has a name.
fn is_of_name(witness: &Witness) -> bool {
    is_number(witness) || matches!(witness, Witness::Adt(_))
}

/// What says which types pass. The identity of scalars is enough, and that of references to scalars.
pub(super) fn types_of(args: &[Witness]) -> TokenStream {
    let described = described(args, 0);
    quote! {
        |__hotloop_types| ::hotloop::__private::crossed(
            ::hotloop::__private::Vec::from([#(#described),*]),
            (&__hotloop_types.result()).passed_type(),
        )
    }
}

/// The descriptions of arguments, of which the first has this number.
pub(super) fn described(args: &[Witness], first: usize) -> Vec<TokenStream> {
    (args.iter().zip(first..))
        .filter(|(arg, _)| !is_identity_enough(arg))
        .map(|(_, index)| {
            let arg = format_ident!("arg_{index}");
            quote!((#index, (&__hotloop_types.#arg()).passed_type()))
        })
        .collect()
}

fn is_identity_enough(witness: &Witness) -> bool {
    let is_scalar = |witness: &Witness| {
        matches!(
            witness,
            Witness::Scalar(_) | Witness::Char | Witness::Param(_) | Witness::Int | Witness::Float
        )
    };
    match witness {
        Witness::Slice { elem: to, .. } | Witness::Ref { to, .. } => is_scalar(to),
        other => is_scalar(other),
    }
}

impl Asker<'_> {
    /// Whether the witness may borrow from a value that is gone where the closure ends which makes it: what a method of a type of the user's
    /// returns.
    pub(super) fn may_borrow(&self, witness: &Witness) -> bool {
        let may_borrow = |witness: &Witness| self.may_borrow(witness);
        match witness {
            Witness::Method(_, receiver, args) => {
                !self.is_of_numbers(receiver.pointee()) || args.iter().any(may_borrow)
            }
            Witness::Tuple(elems) => elems.iter().any(may_borrow),
            Witness::Array(inner, _) | Witness::Option(inner) | Witness::Iter(_, inner) => {
                may_borrow(inner)
            }
            Witness::Slice { elem: inner, .. } | Witness::Ref { to: inner, .. } => {
                may_borrow(inner)
            }
            Witness::Result(ok, err) => may_borrow(ok) || may_borrow(err),
            Witness::Field(of, _) | Witness::Payload(of, ..) => may_borrow(of),
            Witness::Index(of, index) => may_borrow(of) || may_borrow(index),
            Witness::Operator(_, left, right) => may_borrow(left) || right.iter().any(may_borrow),
            Witness::Call(_, args) | Witness::Macro(_, _, args) => args.iter().any(may_borrow),
            Witness::Within(call, _) => may_borrow(call),
            Witness::Shared(number) => self.shared_by(*number).is_some_and(may_borrow),
            Witness::Scalar(_)
            | Witness::Char
            | Witness::Param(_)
            | Witness::Unit
            | Witness::Ordering
            | Witness::Adt(_)
            | Witness::Const(_)
            | Witness::Int
            | Witness::Float
            | Witness::Closure(..)
            | Witness::Made(..)
            | Witness::Hole
            | Witness::Unknown => false,
        }
    }

    /// Whether something is made of numbers alone by methods, operators, and functions that a type parameter has: then it is taken for a number,
    /// or at least for what can be copied.
    pub(super) fn is_of_numbers(&self, witness: &Witness) -> bool {
        let all = |witnesses: &[Witness]| {
            (witnesses.iter()).all(|witness| self.is_of_numbers(witness.pointee()))
        };
        match witness {
            Witness::Method(_, receiver, args) => {
                self.is_of_numbers(receiver.pointee()) && all(args)
            }
            Witness::Operator(_, left, right) => self.is_of_numbers(left) && all(right),
            Witness::Call(node, args) => {
                all(args) && self.path(*node).is_some_and(|path| self.is_of_param(&path))
            }
            Witness::Within(call, _) => self.is_of_numbers(call),
            Witness::Shared(number) => {
                let shared = self.shared_by(*number);
                shared.is_some_and(|shared| self.is_of_numbers(shared))
            }
            Witness::Char => true,
            other => is_number(other),
        }
    }
}

/// Whether a closure is a part of the argument, whose parameters only the callee can say the types of, or an iterator, which only compiled
/// code has.
pub(super) fn has_closure(witness: &Witness) -> bool {
    match witness {
        Witness::Closure(..) | Witness::Iter(..) => true,
        Witness::Tuple(elems) => elems.iter().any(has_closure),
        Witness::Array(inner, _) | Witness::Option(inner) => has_closure(inner),
        Witness::Slice { elem: inner, .. } | Witness::Ref { to: inner, .. } => has_closure(inner),
        Witness::Result(ok, err) => has_closure(ok) || has_closure(err),
        _ => false,
    }
}

/// Whether a path is that of an associated function. Types have names that begin with a capital letter, as rustc's lints want it.
pub(super) fn is_associated(path: &syn::ExprPath) -> bool {
    let is_ty = |segment: &syn::PathSegment| {
        let name = segment.ident.unraw().to_string();
        let is_scalar = ScalarTy::from_name(&name).is_some() || name == "char";
        is_scalar || name.starts_with(char::is_uppercase) || is_complex_alias(&name)
    };
    let owner = path.path.segments.iter().rev().nth(1);
    path.qself.is_some() || owner.is_some_and(is_ty)
}

/// Whether an associated function is one of num-complex's, by the name of the type. An alias of another name is a type like all others.
fn is_complex(path: &syn::ExprPath) -> bool {
    let mut segments = path.path.segments.iter().rev();
    let function = segments.next().map(|last| last.ident.unraw().to_string());
    let owner = segments.next().map(|owner| owner.ident.unraw().to_string());
    let (Some(function), Some(owner)) = (function, owner) else {
        return false;
    };
    let is_name = owner.starts_with("Complex")
        || matches!(owner.as_str(), "C32" | "C64")
        || is_complex_alias(&owner);
    is_name
        && matches!(
            function.as_str(),
            "new" | "i" | "from_polar" | "cis" | "from"
        )
}

/// Names that complex numbers have in spite of rustc's lints.
fn is_complex_alias(name: &str) -> bool {
    matches!(name, "c32" | "c64")
}

/// The path of the twin: `helper::__hotloop_instance_of` for `helper`, `Point::__hotloop_instance_of_new` for `Point::new`.
fn twin_path(path: &syn::ExprPath) -> TokenStream {
    let mut twin = path.clone();
    twin.attrs.clear();
    let associated = is_associated(path);
    let segments = &mut twin.path.segments;
    let Some(last) = segments.last_mut() else {
        return TokenStream::new();
    };
    if associated {
        last.ident = twin_name(&last.ident);
        // `<T as Trait>::method`: the twin is `T`'s own.
        if let Some(qself) = &mut twin.qself
            && qself.position > 0
        {
            let (ty, last) = (&qself.ty, twin.path.segments.last());
            return quote!(<#ty>::#last);
        }
    } else {
        let arguments = std::mem::replace(&mut last.arguments, syn::PathArguments::None);
        let ident = Ident::new(TWIN, last.ident.span());
        segments.push(syn::PathSegment { ident, arguments });
    }
    twin.to_token_stream()
}

/// The call of the twin for a path such as `floor::floor`. If the function has its module's name, there is a type of a known name in the
/// module ([`namesake`](super::namesake)); if rustc alone knows the module, because it is inline, that name falls back to the companion, and
/// then to a type of ours.
fn namesake_call(
    path: &syn::ExprPath,
    args: &[Witness],
    tokens: &[TokenStream],
) -> Option<TokenStream> {
    let segments = &path.path.segments;
    let (last, module) = (segments.last()?, segments.iter().rev().nth(1)?);
    if path.qself.is_some() || last.ident != module.ident || !module.arguments.is_none() {
        return None;
    }
    let (mut function, mut module, arguments) =
        (path.path.clone(), path.path.clone(), &last.arguments);
    function.segments.last_mut()?.arguments = syn::PathArguments::None;
    module.segments.pop();
    module.segments.pop_punct();
    let marker = namesake::marker_name(&last.ident.unraw().to_string());
    let twin = Ident::new(TWIN, last.ident.span());
    let fallback = fallback_type(&marker, path, args);
    Some(quote!({
        #fallback
        {
            #[allow(unused_imports)]
            use #function as #marker;
            {
                #[allow(unused_imports)]
                use #module::*;
                #marker::#twin #arguments(#(#tokens),*)
            }
        }
    }))
}

//! What a function's expansion says about the names in it: the statements of `__hotloop_deps`.
//!
//! Types, constants and host functions are named. For a call, rustc is made to find out which function it means: a closure that never
//! runs calls the callee's twin, which has its signature and returns a marker, with arguments that have the types which lowering knows.

use hotloop_ir::frontend::{ExternKind, ExternUse, Leaves, Made, NodeTable, Witness};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;

use super::Input;
use super::callee::{has_closure, is_associated};
use super::operators::is_operator_method;
pub(super) use super::witnesses::{Pointee, is_number, is_open};
use crate::describe::describe;

/// The prefix of the names of methods' twins; a function's twin is named so without `_`.
pub(super) const TWIN: &str = "__hotloop_instance_of";

/// The statements that tell `__hotloop_deps` about each name. `params` are the type parameters.
pub(super) fn statements(input: &Input<'_>, params: &[Ident]) -> TokenStream {
    let asker = Asker {
        nodes: input.nodes,
        params,
        edition_2015: input.profile.edition_2015,
        output: &input.item.sig.output,
        of_params: of_params(input.nodes, input.uses),
        declared: super::macros::declared(input.uses),
        leaving: super::macro_flow::leaving(input.uses),
        shared: shared(input.uses),
    };
    let imports = imports(&input.item.block);
    let statements = asker.statements(input.uses);
    quote!(#imports #statements)
}

/// What several witnesses have in common.
pub(super) fn shared(uses: &[ExternUse]) -> Vec<(u32, &Witness)> {
    (uses.iter())
        .filter_map(|of| match &of.kind {
            ExternKind::Shared(witness) => Some((of.node, witness)),
            _ => None,
        })
        .collect()
}

/// What the body imports, where it begins or later: names mean the same in questions about them. [`Asker::scoped`] has the imports of blocks in it.
pub(super) fn imports(block: &syn::Block) -> TokenStream {
    (block.stmts.iter())
        .filter_map(|stmt| match stmt {
            syn::Stmt::Item(syn::Item::Use(item)) => Some(import(item)),
            _ => None,
        })
        .collect()
}

fn import(item: &syn::ItemUse) -> TokenStream {
    let item = super::ours::as_ours(item.to_token_stream());
    quote!(#[allow(unused_imports)] #item)
}

/// The methods that are called of type parameters.
fn of_params(nodes: &NodeTable, uses: &[ExternUse]) -> Vec<(String, u32)> {
    let of_param = |of: &ExternUse| match &of.kind {
        ExternKind::Outside { args } => match args.first()?.pointee() {
            Witness::Param(index) => {
                let method = nodes.methods.get(&of.node)?;
                Some((method.method.to_string(), *index))
            }
            _ => None,
        },
        _ => None,
    };
    uses.iter().filter_map(of_param).collect()
}

impl Asker<'_> {
    pub(super) fn statements(&self, uses: &[ExternUse]) -> TokenStream {
        let mut statements = TokenStream::new();
        // Snapshots do not depend on features.
        if cfg!(all(feature = "complex", not(test))) && !uses.is_empty() {
            statements.extend(quote! {
                #[allow(unused_imports)]
                use ::hotloop::__private::ComplexTwins as _;
            });
        }
        if uses
            .iter()
            .any(|of| matches!(of.kind, ExternKind::Method { .. }))
        {
            statements.extend(quote! {
                #[allow(unused_imports)]
                use ::hotloop::__private::{AnyHost as _, AnyOperands as _};
            });
        }
        let is_method = |of: &ExternUse| {
            matches!(
                of.kind,
                ExternKind::Method { .. } | ExternKind::Outside { .. }
            ) && self.nodes.methods.contains_key(&of.node)
        };
        if uses.iter().any(is_method) {
            statements.extend(quote! {
                #[allow(unused_imports)]
                use ::hotloop::__private::{ByCopy as _, ByMove as _, CopiedReceiver as _, OtherReceiver as _, PassedReceiver as _};
            });
        }
        let is_call = |kind: &ExternKind| {
            matches!(
                kind,
                ExternKind::Callee { .. }
                    | ExternKind::Std { .. }
                    | ExternKind::Method { .. }
                    | ExternKind::Outside { .. }
                    | ExternKind::Into { .. }
                    | ExternKind::Macro { .. }
            )
        };
        if uses.iter().any(|extern_use| is_call(&extern_use.kind)) {
            statements.extend(quote! {
                #[allow(unused_imports)]
                use ::hotloop::__private::{AsItIs as _, ByDescription as _, ByIdentity as _};
            });
        }
        statements.extend(self.orderings(uses));
        let precedences = self.precedences(uses);
        let mut known = Vec::new();
        statements.extend(uses.iter().filter_map(|extern_use| {
            if let ExternKind::Shared(witness) = &extern_use.kind {
                return self.share(extern_use.node, witness);
            }
            let statement = self.statement(extern_use)?;
            let statement = self.scoped(extern_use.node, statement);
            if matches!(extern_use.kind, ExternKind::Borrows { .. }) {
                // One question is enough for all calls that are the same.
                let text = statement.to_string();
                if known.contains(&text) {
                    return None;
                }
                known.push(text);
            }
            Some(statement)
        }));
        // Behind what several witnesses have in common.
        statements.extend(precedences);
        statements
    }

    /// Tokens in which names mean what they mean where a node is: behind the imports of the blocks around it.
    pub(super) fn scoped(&self, node: u32, tokens: TokenStream) -> TokenStream {
        scoped_in(self.nodes, node, tokens)
    }

    /// Statements that rustc accepts if what was taken for `std::cmp::Ordering` is that.
    fn orderings(&self, uses: &[ExternUse]) -> TokenStream {
        let mut known = Vec::new();
        let paths = uses.iter().filter_map(|extern_use| {
            if extern_use.kind != ExternKind::Ordering {
                return None;
            }
            let mut path = self.path(extern_use.node)?;
            if !self.nodes.types.contains_key(&extern_use.node) {
                // Of a value, the type.
                path.path.segments.pop();
                path.path.segments.pop_punct();
            }
            let text = path.to_token_stream().to_string();
            (!known.contains(&text)).then(|| known.push(text))?;
            let span = at(path.span());
            Some(quote_spanned!(span => ::hotloop::__private::is_ordering::<#path>();))
        });
        paths.collect()
    }
}

/// As [`Asker::scoped`].
pub(super) fn scoped_in(nodes: &NodeTable, node: u32, tokens: TokenStream) -> TokenStream {
    let around = (nodes.imports.iter()).filter(|(block, _)| block.contains(&node));
    let mut around: Vec<_> = around.collect();
    // The innermost first.
    around.sort_by_key(|(block, _)| block.len());
    around
        .chunk_by(|(block, _), (next, _)| block == next)
        .fold(tokens, |tokens, imports| {
            let imports = (imports.iter()).map(|(_, item)| import(item));
            quote!({ #(#imports)* #tokens })
        })
}

/// The place of the user's token, for a name of ours: as the token's own, which may be from another macro, it would not be found.
fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// What the statements are written from.
pub(super) struct Asker<'a> {
    pub(super) nodes: &'a NodeTable,
    pub(super) params: &'a [Ident],
    pub(super) edition_2015: bool,
    /// What the function returns.
    pub(super) output: &'a syn::ReturnType,
    /// Methods that are called of type parameters, by their names: which one.
    pub(super) of_params: Vec<(String, u32)>,
    /// Macros that declare variables, and these.
    pub(super) declared: Vec<(u32, Vec<u32>)>,
    /// Macros that may leave the function or a loop, and how.
    pub(super) leaving: Vec<(u32, Leaves)>,
    /// What several witnesses have in common, by its numbers.
    pub(super) shared: Vec<(u32, &'a Witness)>,
}

impl Asker<'_> {
    fn statement(&self, extern_use: &ExternUse) -> Option<TokenStream> {
        let node = Literal::u32_unsuffixed(extern_use.node);
        let path = self.path(extern_use.node);
        Some(match &extern_use.kind {
            // Not in a scope of its own.
            ExternKind::Shared(_) => return None,
            ExternKind::Type => {
                let ty = describe(&self.ty(extern_use.node)?, self.params);
                quote!(__hotloop_deps.ty(#node, #ty);)
            }
            ExternKind::Made(made, expected) => {
                let path = path?;
                let mut value = self.made(&path, made);
                if let Some(expected) = expected.as_ref().filter(|expected| !is_open(expected)) {
                    let expected = self.witness(expected);
                    value = quote!(::hotloop::__private::like(|| #expected, #value));
                }
                quote_spanned!(at(path.span()) => __hotloop_deps.made(#node, || #value);)
            }
            ExternKind::Const(expected) => {
                let path = path?;
                let method = match self.is_of_param(&path) {
                    true => quote!(param_constant),
                    false => quote!(constant),
                };
                match expected
                    .as_ref()
                    .filter(|expected| self.is_enum_of(expected, &path))
                {
                    Some(expected) => {
                        let expected = self.witness(expected);
                        quote_spanned! { at(path.span()) =>
                            __hotloop_deps.#method(#node, &::hotloop::__private::like(|| #expected, #path));
                        }
                    }
                    // It may be a `static mut`, which no type has.
                    None if self.nodes.in_unsafe.contains(&extern_use.node)
                        && !is_associated(&path) =>
                    {
                        quote_spanned! { at(path.span()) =>
                            #[allow(static_mut_refs, unused_unsafe)]
                            unsafe {
                                // What is no place lives as long as the `match`.
                                match &#path {
                                    __hotloop_value => __hotloop_deps.constant_in_unsafe(#node, __hotloop_value, |__hotloop_deps, __hotloop_value| {
                                        __hotloop_deps.#method(#node, __hotloop_value);
                                    }),
                                }
                            }
                        }
                    }
                    None => {
                        quote_spanned!(at(path.span()) => __hotloop_deps.#method(#node, &#path);)
                    }
                }
            }
            // Of all of them at once.
            ExternKind::Ordering => return None,
            ExternKind::Callee { args, result } => {
                let path = path?;
                let told = self.callee(extern_use.node, &path, args, result.as_ref());
                // The only way to those that a trait has itself, of which types have no twins.
                let is_of_trait = path.qself.is_some() && result.is_none();
                return match is_of_trait || self.is_of_param(&path) {
                    true => self.unless_jitted(extern_use.node, args, told),
                    false => told,
                };
            }
            ExternKind::Method { receiver, args } => {
                // Of a type that is too intricate to be told, and then taken for a number.
                if is_open(receiver) {
                    return Some(quote!(__hotloop_deps.untold(#node);));
                }
                let (fallback, call) = self.method(extern_use.node, receiver, args)?;
                let asked = match self.operator(extern_use.node, receiver, args) {
                    Some(operands) => quote!(#operands.twin(|| #call)),
                    None => call,
                };
                if let Some((name, host)) = self.host_operator(extern_use.node, receiver, args) {
                    return Some(quote!({
                        #fallback
                        __hotloop_deps.operator(#node, #name, || #asked, #host);
                    }));
                }
                let told = match self.host_method(extern_use.node, receiver, args) {
                    Some((name, host)) => quote!({
                        #fallback
                        __hotloop_deps.method(#node, #name, || #asked, #host);
                    }),
                    None => quote!({
                        #fallback
                        __hotloop_deps.callee(#node, || #asked);
                    }),
                };
                let by_reference = matches!(receiver, Witness::Ref { .. })
                    .then(|| quote!(__hotloop_deps.by_reference(#node);));
                let told = self.unless_of_param(extern_use.node, receiver, args, told);
                let told = self.unless_of_trait(extern_use.node, receiver, args, told)?;
                quote!(#by_reference #told)
            }
            ExternKind::Macro {
                names,
                args,
                is_statement,
                leaves,
                ..
            } => return self.mac(extern_use.node, names, args, *is_statement, leaves),
            ExternKind::Cfg => {
                let mac = self.nodes.macros.get(&extern_use.node)?;
                quote!(__hotloop_deps.constant(#node, &#mac);)
            }
            ExternKind::Value => {
                let path = path?;
                quote!(__hotloop_deps.value(#node, #path);)
            }
            ExternKind::Outside { args } => {
                let told = self.outside(extern_use.node, args);
                let told = self.unless_jitted(extern_use.node, args, told)?;
                let is_method = self.nodes.methods.contains_key(&extern_use.node);
                let is_reference = is_method && matches!(args.first(), Some(Witness::Ref { .. }));
                let by_reference =
                    is_reference.then(|| quote!(__hotloop_deps.by_reference(#node);));
                quote!(#by_reference #told)
            }
            ExternKind::Meant { args } => return self.meant(extern_use.node, args),
            ExternKind::Into { receiver, result } => {
                return self.conversion(extern_use.node, receiver, result.as_ref()?);
            }
            ExternKind::Borrows { receiver, n_args } => {
                return self.borrows(extern_use.node, receiver, *n_args);
            }
            ExternKind::Function => {
                let twin = self.function_twin(&path?);
                quote!(__hotloop_deps.function(#node, #twin);)
            }
            ExternKind::Print => self.print(extern_use.node)?,
            ExternKind::Std {
                receiver,
                args,
                captures,
            } => self.std_method(extern_use.node, receiver, args, captures)?,
            ExternKind::Host => {
                let path = path?;
                let text = path.to_token_stream().to_string().replace(' ', "");
                quote_spanned!(at(path.span()) => __hotloop_deps.host(#node, #text, #path);)
            }
        })
    }

    /// The call of a method's twin, or of an operator's that is found by its name, and what rustc finds if there is none.
    fn method(
        &self,
        node: u32,
        receiver: &Witness,
        args: &[Witness],
    ) -> Option<(TokenStream, TokenStream)> {
        let (mut receiver, mut args) = (receiver, args);
        let twin = match self.nodes.operators.get(&node) {
            Some((_, method)) => {
                let mut method = (*method).to_owned();
                // Numbers have no twins: the other operand's type has one for what stands on its left.
                if is_number(receiver.pointee())
                    && let [right] = args
                {
                    (receiver, args) = (right, std::slice::from_ref(receiver));
                    method = format!("reversed_{method}");
                    // Of which too little is told, as of a receiver.
                    if is_open(receiver) {
                        return None;
                    }
                }
                twin_name(&Ident::new(&method, Span::call_site()))
            }
            None => twin_name(&self.nodes.methods.get(&node)?.method),
        };
        let mut fallback = fallback(&twin, args);
        if let Some(method) = self.nodes.methods.get(&node) {
            fallback.extend(of_trait(&method.method, &twin, args));
        }
        // A reference as the receiver would let the fallback win over methods that take `&self`.
        let receiver = self.witness(receiver.pointee());
        // Twins by name are for values.
        let is_operator = self.nodes.operators.contains_key(&node);
        let args = args.iter().map(|arg| match is_open(arg) {
            true => quote!(::hotloop::__private::any()),
            false if is_operator => self.witness(arg.pointee()),
            false => self.witness(arg),
        });
        let call = self.guarded(node, quote!(#receiver.#twin(#(#args),*)));
        Some((fallback, call))
    }

    /// The operands of an operator, by their types. `None`: it is a method, or too little is known of them.
    fn operator(&self, node: u32, receiver: &Witness, args: &[Witness]) -> Option<TokenStream> {
        let token = self.nodes.operators.get(&node);
        let method = match token {
            Some((_, method)) => (*method).to_owned(),
            None => self.nodes.methods.get(&node)?.method.to_string(),
        };
        if !is_operator_method(&method) || args.len() > 1 {
            return None;
        }
        // Comparisons look through references, and methods are found through them.
        let compares = matches!(method.as_str(), "eq" | "partial_cmp");
        let receiver = match token {
            Some(_) if !compares => receiver,
            _ => receiver.pointee(),
        };
        let rhs = match args.first() {
            Some(rhs) if compares => Some(rhs.pointee()),
            rhs => rhs,
        };
        if is_open(receiver) || rhs.is_some_and(is_open) {
            return None;
        }
        let lhs = self.witness(receiver);
        let rhs = match rhs {
            Some(rhs) => self.witness(rhs),
            None => quote!(()),
        };
        let method = Ident::new(&method, Span::call_site());
        Some(quote! {
            ::hotloop::__private::operands::<::hotloop::__private::operators::#method, _, _>(#lhs, #rhs)
        })
    }

    /// What an operator does that is not jitted, and what its types are. `None`: it is no operator with a token, or too little is known of
    /// its operands.
    fn host_operator(
        &self,
        node: u32,
        receiver: &Witness,
        args: &[Witness],
    ) -> Option<(&'static str, TokenStream)> {
        let (name, method) = *self.nodes.operators.get(&node)?;
        let compares = self.nodes.comparisons.get(&node);
        if matches!(method, "index" | "index_mut") || args.len() > 1 {
            return None;
        }
        let operand = |witness: &Witness| {
            let witness = match compares {
                Some(_) => witness.pointee(),
                None => witness,
            };
            // What a literal is may be found out by its operator, too late for rustc to say what the result is.
            let is_literal = matches!(witness.pointee(), Witness::Int | Witness::Float);
            let is_known = !is_open(witness)
                && !has_closure(witness)
                && (!is_literal || compares.is_some() || method.ends_with("_assign"));
            is_known.then(|| self.witness(witness))
        };
        let (lhs, rhs) = match args.first() {
            Some(rhs) => (operand(receiver)?, operand(rhs)?),
            None => (operand(receiver)?, quote!(())),
        };
        let op = Ident::new(compares.unwrap_or(&method), Span::call_site());
        let second = args
            .first()
            .map(|_| quote!((1, (&__hotloop_types.arg_1()).passed_type())));
        // The place of the operator, for one with `track_caller`.
        let start = self.nodes.operator_start(node);
        let (operands, passed) = (
            Ident::new("__hotloop_operands", start),
            Ident::new("__hotloop_passed", start),
        );
        let call = quote_spanned!(start => #operands.call(#passed));
        let host = quote!({
            let #operands = ::hotloop::__private::operands_of::<
                ::hotloop::__private::operators::#op, _, _
            >(|| (#lhs, #rhs));
            move |#passed| #call
        });
        Some((
            name,
            quote! {
                #host,
                |__hotloop_types| ::hotloop::__private::crossed(
                    ::hotloop::__private::Vec::from([
                        (0, (&__hotloop_types.arg_0()).passed_type()),
                        #second
                    ]),
                    (&__hotloop_types.result()).passed_type(),
                )
            },
        ))
    }

    /// What does a macro that prints, in terms of the values that it is given.
    fn print(&self, node: u32) -> Option<TokenStream> {
        let mac = self.nodes.macros.get(&node)?;
        let span = self.nodes.span(hotloop_ir::hir::Span(node));
        let name = mac.path.segments.last()?.ident.unraw().to_string();
        let args = quote!(__hotloop_args);
        let list = Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        let list: Vec<_> = list.parse2(mac.tokens.clone()).ok()?.into_iter().collect();
        let print = if name == "dbg" {
            let shown = list.first()?;
            quote_spanned! { span =>
                ::hotloop::__private::eprintln!(
                    "[{}:{}:{}] {} = {:#?}",
                    ::core::file!(), ::core::line!(), ::core::column!(), ::core::stringify!(#shown), #args[0]
                )
            }
        } else {
            let path = &mac.path;
            let message = super::trap::message(&list, &|index, is_count| {
                if is_count {
                    quote_spanned!(span => #args[#index].count())
                } else {
                    quote_spanned!(span => #args[#index])
                }
            });
            quote_spanned!(span => #path!(#message))
        };
        let name = format!("{name}!");
        let node = Literal::u32_unsuffixed(node);
        Some(quote! {
            __hotloop_deps.print(#node, #name, |#args: &[::hotloop::__private::Arg]| { #print; });
        })
    }

    /// A struct literal or a call of a constructor, with values of the types that are known.
    pub(super) fn made(&self, path: &syn::ExprPath, made: &Made) -> TokenStream {
        let values: Vec<_> = (made.fields.iter())
            .map(|(_, value)| self.witness(value))
            .collect();
        if made.is_call {
            return quote!(#path(#(#values),*));
        }
        let names =
            (made.fields.iter()).filter_map(|(name, _)| syn::parse_str::<syn::Member>(name).ok());
        let rest = made.base.as_ref().map(|base| {
            let base = self.witness(base);
            quote!(..#base)
        });
        quote!(#path { #(#names: #values,)* #rest })
    }

    /// Whether a type is, by its name, the enum that a variant's path names.
    fn is_enum_of(&self, expected: &Witness, path: &syn::ExprPath) -> bool {
        let Witness::Adt(node) = expected else {
            return false;
        };
        let of_variant = path.path.segments.iter().rev().nth(1);
        match self.ty(*node) {
            Some(syn::Type::Path(ty)) => match (ty.path.segments.last(), of_variant) {
                (Some(ty), Some(of_variant)) => ty.ident == of_variant.ident,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether a path is that of something that a type parameter has.
    pub(super) fn is_of_param(&self, path: &syn::ExprPath) -> bool {
        let is_param = |ident: &Ident| self.params.contains(ident);
        match &path.qself {
            Some(qself) => {
                matches!(&*qself.ty, syn::Type::Path(ty) if ty.path.get_ident().is_some_and(is_param))
            }
            None => {
                let first = path.path.segments.first();
                path.path.segments.len() > 1 && first.is_some_and(|first| is_param(&first.ident))
            }
        }
    }

    /// The type that a node names.
    pub(super) fn ty(&self, node: u32) -> Option<syn::Type> {
        if let Some(ty) = self.nodes.types.get(&node) {
            return Some(ty.clone());
        }
        let path = self.path(node)?;
        Some(syn::Type::Path(syn::TypePath {
            attrs: Vec::new(),
            qself: path.qself,
            path: path.path,
        }))
    }

    /// The path to a value, a function or a type.
    pub(super) fn path(&self, node: u32) -> Option<syn::ExprPath> {
        if let Some(path) = self.nodes.values.get(&node) {
            return Some(path.clone());
        }
        let (qself, path) = match self.nodes.types.get(&node) {
            Some(syn::Type::Path(ty)) => (ty.qself.clone(), &ty.path),
            _ => (None, self.nodes.paths.get(&node)?),
        };
        Some(syn::ExprPath {
            attrs: Vec::new(),
            qself,
            path: path.clone(),
        })
    }

    /// A call, in `unsafe` where the user's is.
    pub(super) fn guarded(&self, node: u32, call: TokenStream) -> TokenStream {
        match self.nodes.in_unsafe.contains(&node) {
            true => quote!(unsafe { #call }),
            false => call,
        }
    }
}

/// `r#type` and the like need their `r#`.
pub(super) fn ident(name: &str) -> Ident {
    syn::parse_str::<Ident>(name)
        .unwrap_or_else(|_| Ident::new_raw(name, proc_macro2::Span::call_site()))
}

/// A number for a method's name: FNV-1a with 128 bits.
pub(super) fn name_hash(name: &str) -> Literal {
    let hash = (name.bytes()).fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128,
        |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        },
    );
    Literal::u128_unsuffixed(hash)
}

/// The name of a method's twin.
pub(super) fn twin_name(method: &Ident) -> Ident {
    format_ident!("{TWIN}_{}", method.unraw(), span = method.span())
}

/// A trait by which a type has a method's twin that is of one of its traits.
fn of_trait(method: &Ident, twin: &Ident, args: &[Witness]) -> TokenStream {
    let name = format_ident!("__HotloopOfTrait");
    let hash = name_hash(&method.unraw().to_string());
    let (params, types) = fallback_params(args);
    // Which method it is, rustc finds out: that of the only `impl`.
    let of_any =
        quote!(<__HotloopAny as ::hotloop::__private::TraitTwin<#hash, __HotloopMarker>>::Twin);
    quote! {
        trait #name<__HotloopTwin, __HotloopMarker> {
            fn #twin<#(#params),*>(&self, #(_: #types),*) -> __HotloopTwin;
        }
        impl<
            __HotloopAny: ::hotloop::__private::TraitTwin<#hash, __HotloopMarker>,
            __HotloopMarker,
        > #name<#of_any, __HotloopMarker> for __HotloopAny {
            fn #twin<#(#params),*>(&self, #(_: #types),*) -> #of_any {
                ::hotloop::__private::any()
            }
        }
    }
}

/// A trait by which every type has a method of this name, which says that it is not jitted. A type's own method comes first, whether it
/// takes `self`, `&self` or `&mut self`. An argument of whose type nothing is known has none to infer, either.
fn fallback(twin: &Ident, args: &[Witness]) -> TokenStream {
    let name = format_ident!("__HotloopFallback");
    let (params, types) = fallback_params(args);
    quote! {
        trait #name {
            fn #twin<#(#params),*>(&mut self, #(_: #types),*) -> ::hotloop::__private::NotJitted;
        }
        impl<__HotloopAny: ?::core::marker::Sized> #name for __HotloopAny {
            fn #twin<#(#params),*>(&mut self, #(_: #types),*) -> ::hotloop::__private::NotJitted {
                ::hotloop::__private::any()
            }
        }
    }
}

/// The parameters of a method that takes any arguments like these, and their types.
fn fallback_params(args: &[Witness]) -> (Vec<Ident>, Vec<TokenStream>) {
    let mut params = Vec::new();
    let types = (args.iter().enumerate())
        .map(|(n, arg)| {
            if is_open(arg) {
                return quote!(());
            }
            let param = format_ident!("T{n}");
            params.push(param.clone());
            param.to_token_stream()
        })
        .collect();
    (params, types)
}

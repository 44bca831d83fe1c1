//! What a function's expansion says about the names in it: the statements of `__hotloop_deps`.
//!
//! Types, constants and host functions are named. For a call, rustc is made to find out which function it means: a closure that never
//! runs calls the callee's twin, which has its signature and returns a marker, with arguments that have the types which lowering knows.

use hotloop_ir::frontend::{ArrayLen, ExternKind, ExternUse, IterMade, Made, NodeTable, Witness};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;

use super::Input;
use super::callee::has_closure;
use super::operators::is_operator_method;
use super::shim::scalar_tokens;
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
    };
    let imports = imports(&input.item.block);
    let statements = asker.statements(input.uses);
    quote!(#imports #statements)
}

/// What the body imports, where it begins or later: names mean the same in questions about them. [`Asker::scoped`] has the imports of blocks in it.
fn imports(block: &syn::Block) -> TokenStream {
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
        statements.extend(uses.iter().filter_map(|extern_use| {
            let statement = self.statement(extern_use)?;
            Some(self.scoped(extern_use.node, statement))
        }));
        statements
    }

    /// Tokens in which names mean what they mean where a node is: behind the imports of the blocks around it.
    pub(super) fn scoped(&self, node: u32, tokens: TokenStream) -> TokenStream {
        let around = (self.nodes.imports.iter()).filter(|(block, _)| block.contains(&node));
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
}

impl Asker<'_> {
    fn statement(&self, extern_use: &ExternUse) -> Option<TokenStream> {
        let node = Literal::u32_unsuffixed(extern_use.node);
        let path = self.path(extern_use.node);
        Some(match &extern_use.kind {
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
            ExternKind::Const => {
                let path = path?;
                let method = match self.is_of_param(&path) {
                    true => quote!(param_constant),
                    false => quote!(constant),
                };
                quote_spanned!(at(path.span()) => __hotloop_deps.#method(#node, &#path);)
            }
            // Of all of them at once.
            ExternKind::Ordering => return None,
            ExternKind::Callee { args, result } => {
                let path = path?;
                let told = self.callee(extern_use.node, &path, args, result.as_ref());
                return match self.is_of_param(&path) {
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
                returns,
                ..
            } => return self.mac(extern_use.node, names, args, *is_statement, *returns),
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
        Some((fallback, quote!(#receiver.#twin(#(#args),*))))
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
        Some((
            name,
            quote! {
                ::hotloop::__private::operands_of::<
                    ::hotloop::__private::operators::#op, _, _
                >(|| (#lhs, #rhs)).host(),
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
    fn made(&self, path: &syn::ExprPath, made: &Made) -> TokenStream {
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

    pub(super) fn witnesses(&self, witnesses: &[Witness]) -> Vec<TokenStream> {
        (witnesses.iter())
            .map(|witness| self.witness(witness))
            .collect()
    }

    /// The same for an argument of a function that is not ours, which may return what a closure gives.
    fn argument(&self, witness: &Witness) -> TokenStream {
        match witness {
            Witness::Closure(n_params, result) => {
                let params = (0..*n_params).map(|_| quote!(_));
                let result = self.witness(result);
                quote!(|#(#params),*| #result)
            }
            other => self.witness(other),
        }
    }

    /// An expression of the type that is meant. It is never run.
    pub(super) fn witness(&self, witness: &Witness) -> TokenStream {
        let any = quote!(::hotloop::__private::any);
        match witness {
            // Nothing has a field, a method or an operator of which only the name is known.
            Witness::Field(..)
            | Witness::Payload(..)
            | Witness::Index(..)
            | Witness::Method(..)
            | Witness::Operator(..)
                if is_open(witness) =>
            {
                quote!(#any())
            }
            Witness::Scalar(scalar) => {
                let ty = scalar_tokens(*scalar);
                quote!(#any::<#ty>())
            }
            Witness::Char => quote!(#any::<::core::primitive::char>()),
            Witness::Param(index) => match self.params.get(*index as usize) {
                Some(param) => quote!(#any::<#param>()),
                None => quote!(#any()),
            },
            Witness::Unit => quote!(()),
            Witness::Tuple(elems) => {
                let elems = self.witnesses(elems);
                quote!((#(#elems,)*))
            }
            Witness::Array(elem, len) => {
                let elem = self.witness(elem);
                let len = len.as_ref().map(|len| match len {
                    ArrayLen::Known(len) => {
                        let len = Literal::u64_unsuffixed(*len);
                        quote!(::<_, #len>)
                    }
                    ArrayLen::Param(name) => {
                        let name = ident(name);
                        quote!(::<_, #name>)
                    }
                });
                quote!(::hotloop::__private::array_of #len(#elem))
            }
            Witness::Slice { elem, mutable } => {
                let elem = self.witness(elem);
                match mutable {
                    false => quote!(::hotloop::__private::slice_of(#elem)),
                    true => quote!(::hotloop::__private::slice_of_mut(#elem)),
                }
            }
            Witness::Ref { to, mutable } => {
                let to = self.witness(to);
                let made = match mutable {
                    false => quote!(::hotloop::__private::ref_of(#to)),
                    true => quote!(::hotloop::__private::mut_of(#to)),
                };
                // Through a variable, so that `&[T; N]` is known to be one before it becomes a `&[T]`.
                quote!({
                    let reference = #made;
                    reference
                })
            }
            Witness::Option(some) => {
                let some = self.witness(some);
                quote!(::core::option::Option::Some(#some))
            }
            Witness::Result(ok, err) => {
                let (ok, err) = (self.witness(ok), self.witness(err));
                quote!(if #any() { ::core::result::Result::Ok(#ok) } else { ::core::result::Result::Err(#err) })
            }
            Witness::Ordering => quote!(#any::<::core::cmp::Ordering>()),
            Witness::Adt(node) => match self.ty(*node) {
                Some(ty) => self.scoped(*node, quote!(#any::<#ty>())),
                None => quote!(#any()),
            },
            Witness::Made(node, made) => match self.path(*node) {
                Some(path) => self.scoped(*node, self.made(&path, made)),
                None => quote!(#any()),
            },
            Witness::Const(node) => match self.path(*node) {
                Some(path) => self.scoped(*node, quote!(::hotloop::__private::value_of(&#path))),
                None => quote!(#any()),
            },
            Witness::Call(node, args) => match self.path(*node) {
                Some(path) => {
                    let args = self.witnesses(args);
                    let callee = match self.nodes.imports.is_empty() {
                        true => path.to_token_stream(),
                        false => {
                            let path = self.scoped(*node, path.to_token_stream());
                            quote!((#path))
                        }
                    };
                    self.guarded(*node, quote!(#callee(#(#args),*)))
                }
                None => quote!(#any()),
            },
            Witness::Macro(node, names, args) => self
                .macro_witness(*node, names, args)
                .unwrap_or(quote!(#any())),
            Witness::Method(node, receiver, args) => match self.nodes.methods.get(node) {
                Some(call) => {
                    let (name, turbofish) = (&call.method, &call.turbofish);
                    // What was made of numbers is held, so that what is made of it may borrow.
                    let is_held =
                        !is_number(receiver.pointee()) && self.is_of_numbers(receiver.pointee());
                    let args: Vec<_> = args.iter().map(|arg| self.argument(arg)).collect();
                    let mut receiver = self.witness(receiver);
                    if is_held {
                        receiver = quote! {
                            (*(&::hotloop::__private::Receiver::new(::hotloop::__private::address_of(#receiver))).held())
                        };
                    }
                    let call = quote!(#receiver.#name #turbofish(#(#args),*));
                    self.scoped(*node, self.guarded(*node, call))
                }
                None => quote!(#any()),
            },
            Witness::Operator(node, left, right) => match self.nodes.operators.get(node) {
                Some((name, _)) if name.ends_with("Assign") => {
                    let (left, right) = (self.witness(left), self.witnesses(right));
                    let operator = format!("{}=", operator_tokens(name));
                    let operator = operator.parse().unwrap_or_else(|_| quote!(+=));
                    quote!({
                        let mut __hotloop_place = #left;
                        __hotloop_place #operator #(#right)*;
                    })
                }
                // In Rust's syntax, in which a literal finds its type.
                // Of references not: rustc coerces what stands on the right of an operator.
                Some((name, method))
                    if matches!(**left, Witness::Ref { .. })
                        || right
                            .iter()
                            .any(|right| matches!(right, Witness::Ref { .. })) =>
                {
                    let span = proc_macro2::Span::call_site();
                    let (name, method) = (Ident::new(name, span), Ident::new(method, span));
                    let (left, right) = (self.witness(left), self.witnesses(right));
                    quote!(::core::ops::#name::#method(#left, #(#right),*))
                }
                Some((name, _)) => {
                    let (left, right) = (self.witness(left), self.witnesses(right));
                    let operator = operator_tokens(name);
                    match right.first() {
                        Some(right) => quote!((#left #operator #right)),
                        None => quote!((#operator #left)),
                    }
                }
                None => quote!(#any()),
            },
            Witness::Field(of, name) => {
                let of = self.witness(of);
                let member = member(name);
                // By reference: what the field is part of may be behind one.
                quote!(::hotloop::__private::value_of(&#of.#member))
            }
            Witness::Payload(of, node, name) => match self.path(*node) {
                Some(path) => {
                    let (of, member) = (self.witness(of), member(name));
                    self.scoped(*node, quote!({
                        #[allow(unreachable_patterns, unused_parens)]
                        let payload = match (#of) {
                            #path { #member: payload, .. } => ::hotloop::__private::value_of(&payload),
                            _ => #any(),
                        };
                        payload
                    }))
                }
                None => quote!(#any()),
            },
            Witness::Index(of, index) => {
                let of = self.witness(of);
                let index = match &**index {
                    Witness::Int | Witness::Scalar(hotloop_ir::ScalarTy::Usize) => quote!(0),
                    index if is_open(index) => quote!(0),
                    index => self.witness(index),
                };
                quote!(::hotloop::__private::value_of(&#of[#index]))
            }
            // Lints know what comes of dividing by 0.
            Witness::Int => quote!(1),
            Witness::Float => quote!(0.0),
            Witness::Closure(n_params, _) => {
                let params = (0..*n_params).map(|_| quote!(_));
                quote!(|#(#params),*| #any())
            }
            // rustc looks at the closure last: what the call alone tells is known there.
            Witness::Within(call, outer) => {
                let (call, outer) = (self.witness(call), self.witness(outer));
                quote! {
                    ::hotloop::__private::within(
                        |__hotloop_hole| {
                            let _ = || #outer;
                        },
                        #call,
                    )
                }
            }
            Witness::Hole => quote!(::hotloop::__private::value_of(__hotloop_hole)),
            Witness::Iter(made, item) => {
                let item = self.witness(item);
                match made {
                    IterMade::Elements => {
                        quote!(<[_]>::iter(::hotloop::__private::slice_of(#item)))
                    }
                    IterMade::ElementsMut => {
                        quote!(<[_]>::iter_mut(::hotloop::__private::slice_of_mut(#item)))
                    }
                    IterMade::Copied => quote!(::core::iter::Iterator::copied(
                        <[_]>::iter(::hotloop::__private::slice_of(#item))
                    )),
                    IterMade::Range => quote!((#item..#any())),
                    IterMade::RangeInclusive => quote!((#item..=#any())),
                    IterMade::RangeFrom => quote!((#item..)),
                    IterMade::Other => quote!(::hotloop::__private::iter_of(#item)),
                }
            }
            Witness::Unknown => quote!(#any()),
        }
    }
}

/// The name or the number of a field.
fn member(name: &str) -> TokenStream {
    match name.parse::<u32>() {
        Ok(index) => syn::Index::from(index as usize).to_token_stream(),
        Err(_) => ident(name).to_token_stream(),
    }
}

/// The token of an operator, by the trait.
fn operator_tokens(name: &str) -> TokenStream {
    match name.strip_suffix("Assign").unwrap_or(name) {
        "Add" => quote!(+),
        "Mul" => quote!(*),
        "Div" => quote!(/),
        "Rem" => quote!(%),
        "BitXor" => quote!(^),
        "BitAnd" => quote!(&),
        "BitOr" => quote!(|),
        "Shl" => quote!(<<),
        "Shr" => quote!(>>),
        "Not" => quote!(!),
        // `Sub` and `Neg`.
        _ => quote!(-),
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

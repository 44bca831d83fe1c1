//! Functions inside of the function. They capture nothing, and become part of those that call them, but for those that call themselves,
//! directly or not: these are functions of the program.

use std::cell::OnceCell;
use std::rc::Rc;

use super::binding::{Binding, Scope};
use super::body::Context;
use super::captures::for_each_name_in;
use super::closure::{Callable, Closure, ClosureId};
use super::infer::ITy;
use super::state::{Lowering, Value};
use crate::expr::ExprId;
use crate::hir::{self, Span};

/// Functions of the program that are written inside of others, each with the instance and the node that it is: a list that grows while
/// its elements are lent.
#[derive(Default)]
pub(super) struct LocalFns {
    first: OnceCell<Box<LocalFn>>,
}

struct LocalFn {
    instance: u32,
    node: Span,
    function: hir::Function,
    next: OnceCell<Box<LocalFn>>,
}

impl LocalFns {
    /// The number of a function, which is made if it is not known.
    fn number(&self, instance: u32, node: Span, make: impl FnOnce() -> hir::Function) -> usize {
        let mut number = 0;
        let mut place = &self.first;
        while let Some(known) = place.get() {
            if (known.instance, known.node) == (instance, node) {
                return number;
            }
            number += 1;
            place = &known.next;
        }
        place.get_or_init(|| {
            Box::new(LocalFn {
                instance,
                node,
                function: make(),
                next: OnceCell::new(),
            })
        });
        number
    }

    /// A function by its number.
    pub(super) fn get(&self, number: usize) -> Option<&hir::Function> {
        let mut found = self.first.get()?;
        for _ in 0..number {
            found = found.next.get()?;
        }
        Some(&found.function)
    }
}

/// The items that are in scope, those of each block apart, from the outermost.
pub(super) type Items = Rc<Vec<Vec<hir::Stmt>>>;

impl<'a> Lowering<'a> {
    /// Adds the items of a block to those that are in scope; returns what they were before, if there are some.
    pub(super) fn enter_items(&mut self, stmts: &[hir::Stmt]) -> Option<Items> {
        let is_item = |stmt: &&hir::Stmt| matches!(stmt, hir::Stmt::Item(_));
        stmts.iter().find(is_item)?;
        let around = self.current.items.clone();
        let mut items = (*around).clone();
        items.push(stmts.iter().filter(is_item).cloned().collect());
        self.current.items = Rc::new(items);
        Some(around)
    }

    /// `fn name(..) { .. }` inside the function: a name for something that captures nothing.
    pub(super) fn lower_local_fn(&mut self, item: &hir::ItemFn) {
        let closure = Closure {
            code: Callable::Item(Rc::new(item.clone())),
            body: self.current.clone(),
            scopes: Rc::new(self.item_scopes()),
            owned: Vec::new(),
            borrowed: false,
            params: item.sig.inputs.iter().map(|_| self.infer.fresh()).collect(),
            result: self.infer.fresh(),
        };
        let value = self.push_closure(closure, item.fn_token);
        self.items.push(value);
        self.bind_as(&item.sig.ident, Binding::Alias(value));
    }

    /// A call of a function inside of the function.
    pub(super) fn call_local_fn(
        &mut self,
        closure: &Closure<'a>,
        item: &hir::ItemFn,
        args: Vec<ExprId>,
        span: Span,
    ) -> Value {
        let inputs: Vec<_> = (item.sig.inputs.iter())
            .filter_map(|input| match input {
                hir::FnArg::Typed(param) => Some((&param.pat, Some(&param.ty))),
                hir::FnArg::Receiver(_) => None,
            })
            .collect();
        if inputs.len() != args.len() {
            self.refuse_arity(item.fn_token, inputs.len(), args.len());
        }
        if item.sig.output.is_none() {
            let _ = self.infer.unify(&closure.result, &ITy::Unit);
        }
        if let Some(context) = closure.body.context
            && item.sig.generics.params.is_empty()
            && self.calls_itself(item, &closure.scopes)
        {
            return self.call_function(context, closure, item, args, span);
        }
        let mut closure = closure.clone();
        let is_generic = self.instantiate(&mut closure, item);
        let n_lets = self.lets.len();
        let output = item.sig.output.as_ref();
        let value = self.inline(&closure, &inputs, output, args, span, |this| {
            this.lower_block(&item.block)
        });
        if is_generic {
            // The types differ from call to call, and cannot be written down.
            self.lets.truncate(n_lets);
        }
        value
    }

    /// A call of a function inside of itself, while the crate is built: the body that is being lowered says all that there is to say. `None`: there is
    /// no such function in the program.
    pub(super) fn call_again(
        &mut self,
        closure: &Closure<'a>,
        item: &hir::ItemFn,
        args: &[ExprId],
        span: Span,
    ) -> Option<Value> {
        if self.current.context.is_some() || !item.sig.generics.params.is_empty() {
            return None;
        }
        // Nothing that exists only while lowering is passed.
        let is_open = |this: &Self, arg: &ExprId| this.is_compile_time(&this.ty_of(*arg));
        if args.iter().any(|arg| is_open(self, arg)) {
            return None;
        }
        if args.len() != closure.params.len() {
            self.refuse_arity(item.fn_token, closure.params.len(), args.len());
        }
        for (arg, param) in args.iter().zip(&closure.params) {
            let arg = self.coerce(*arg, param);
            let (ty, at) = (self.ty_of(arg), self.span_of(arg));
            self.agree(&ty, param, at);
        }
        // What is lowered here is looked at, and never run.
        self.has_unknown = true;
        Some(match self.infer.shallow(&closure.result) {
            ITy::Unit => Value::Unit,
            result => Value::Expr(self.placeholder(result, span)),
        })
    }

    /// Calls a function of the program.
    fn call_function(
        &mut self,
        context: Context<'a>,
        closure: &Closure<'a>,
        item: &hir::ItemFn,
        args: Vec<ExprId>,
        span: Span,
    ) -> Value {
        let linkage = context.linkage;
        let outer = closure.body.item;
        let number = (linkage.local_fns).number(context.number, item.fn_token, || {
            as_function(outer, &closure.body.items, item)
        });
        let Some(function) = linkage.local_fns.get(number) else {
            return Value::Expr(self.poison(span));
        };
        let signature = self.signature_of_item(function, context);
        if signature.is_contained || signature.params.len() != args.len() {
            self.refuse(
                span,
                "recursion of a function inside of the function that takes closures, iterators or views, or gives references",
                "make it a jitted function of its own, or a loop",
            );
            return Value::Expr(self.poison(span));
        }
        let number = linkage.local_function(context.number, number);
        self.call_with(number, signature, args, span)
    }

    /// Whether a function calls itself, directly or by way of others that are visible to it.
    fn calls_itself(&self, item: &hir::ItemFn, scopes: &Rc<Vec<Scope>>) -> bool {
        let mut seen: Vec<ClosureId> = Vec::new();
        let mut left = vec![(Rc::new(item.clone()), Rc::clone(scopes))];
        let mut found = false;
        while let Some((next, scopes)) = left.pop() {
            for_each_name_in(&next.block.stmts, &mut |name| {
                let Some(id) = self.local_fn_named(name, &scopes) else {
                    return;
                };
                let Some(closure) = self.closures.get(id.0) else {
                    return;
                };
                let Callable::Item(called) = &closure.code else {
                    return;
                };
                found |= called.fn_token == item.fn_token;
                if !seen.contains(&id) {
                    seen.push(id);
                    left.push((Rc::clone(called), Rc::clone(&closure.scopes)));
                }
            });
        }
        found
    }

    /// The function that a name means in scopes of items.
    fn local_fn_named(&self, name: &hir::Ident, scopes: &[Scope]) -> Option<ClosureId> {
        let bound = (scopes.iter().rev())
            .filter_map(|scope| scope.get(&name.name))
            .find(|(_, hygiene)| *hygiene == name.hygiene)?;
        let Some(Binding::Alias(value)) = bound.0 else {
            return None;
        };
        match self.infer.shallow(&self.ty_of(value)) {
            ITy::Closure(id) => Some(id),
            _ => None,
        }
    }

    /// Gives a function inside of the function types of its own for each call, if it is generic.
    fn instantiate(&mut self, closure: &mut Closure<'a>, item: &hir::ItemFn) -> bool {
        let names = (item.sig.generics.params.iter()).filter_map(|param| match param {
            hir::GenericParam::Type(param) => Some(param.ident.name.clone()),
            hir::GenericParam::Const(_) => None,
        });
        let params: Vec<_> = names.map(|name| (name, self.infer.fresh())).collect();
        if params.is_empty() {
            return false;
        }
        closure.params = (closure.params.iter())
            .map(|_| self.infer.fresh())
            .collect();
        closure.result = match item.sig.output {
            Some(_) => self.infer.fresh(),
            None => ITy::Unit,
        };
        closure.body.type_params.splice(0..0, params);
        true
    }
}

/// A function inside of another one as one by itself, with the items that it sees.
fn as_function(
    outer: &hir::Function,
    items: &[Vec<hir::Stmt>],
    item: &hir::ItemFn,
) -> hir::Function {
    // A block for each that is around it: what is further inside hides what is outside.
    let block = items.iter().rev().fold(item.block.clone(), |block, items| {
        let span = block.span;
        let inner = hir::Expr::Block(hir::ExprBlock {
            label: None,
            block,
            span,
        });
        let mut stmts = items.clone();
        stmts.push(hir::Stmt::Expr(inner, false));
        hir::Block { stmts, span }
    });
    hir::Function {
        file: outer.file.clone(),
        spans: outer.spans.clone(),
        self_ty: None,
        hosts: outer.hosts.clone(),
        refusals: Vec::new(),
        sig: item.sig.clone(),
        block,
    }
}

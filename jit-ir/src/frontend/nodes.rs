//! What the expansion needs of the tokens, by the nodes of the captured function.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use proc_macro2::Span;

use crate::hir;

/// The tokens of nodes.
#[derive(Debug, Default)]
pub struct NodeTable {
    /// Where each node is, parallel to [`hir::Function::spans`].
    pub spans: Vec<Span>,
    /// Types that are paths, by their own nodes (`hir::TypePath::span`).
    pub types: HashMap<u32, syn::Type>,
    /// Paths to values and functions, by the nodes of the expressions and patterns (`hir::ExprPath::span`).
    pub values: HashMap<u32, syn::ExprPath>,
    /// All paths, by their own nodes (`hir::Path::span`).
    pub paths: HashMap<u32, syn::Path>,
    /// Method calls, by the nodes of the methods' names.
    pub methods: HashMap<u32, syn::ExprMethodCall>,
    /// The traits and methods of operators, `Add` and `add`, by the nodes of their tokens.
    pub operators: HashMap<u32, (&'static str, &'static str)>,
    /// Where binary operations begin, by the nodes of their tokens.
    pub operations: HashMap<u32, Span>,
    /// The methods that the tokens of comparisons stand for, `lt`, by the nodes of the tokens.
    pub comparisons: HashMap<u32, &'static str>,
    /// The nodes of paths and of methods' names inside of `unsafe`.
    pub in_unsafe: HashSet<u32>,
    /// Macros, by the nodes of their paths.
    pub macros: HashMap<u32, syn::Macro>,
    /// The imports of blocks inside of the function's own, each with the nodes in its block.
    pub imports: Vec<(Range<u32>, syn::ItemUse)>,
    /// What patterns bind that decide where the function goes on (of `match`, `if let`, `while let`, `let`-`else` and `matches!`), with their nodes.
    pub tested_bindings: Vec<(u32, syn::Ident)>,
    /// The names of the constants that the body declares.
    pub own_constants: Vec<String>,
    /// The names in macros that only rustc knows, by their nodes.
    pub macro_names: HashMap<u32, String>,
}

impl NodeTable {
    /// Where a node is.
    pub fn span(&self, node: hir::Span) -> Span {
        (self.spans.get(node.0 as usize).copied()).unwrap_or_else(Span::call_site)
    }

    /// Where rustc says that an operation is, by the node of its token.
    pub fn operator_start(&self, node: u32) -> Span {
        let of_binary = self.operations.get(&node).copied();
        of_binary.unwrap_or_else(|| self.span(hir::Span(node)))
    }
}

impl NodeTable {
    /// The path to a value, a function or a type that has to be asked about.
    pub fn extern_path(&self, node: u32) -> Option<syn::ExprPath> {
        if let Some(path) = self.values.get(&node) {
            return Some(path.clone());
        }
        let (qself, path) = match self.types.get(&node) {
            Some(syn::Type::Path(ty)) => (ty.qself.clone(), &ty.path),
            _ => (None, self.paths.get(&node)?),
        };
        Some(syn::ExprPath {
            attrs: Vec::new(),
            qself,
            path: path.clone(),
        })
    }
}

/// A node that may panic.
#[derive(Debug)]
pub struct PanicNode {
    /// The node.
    pub node: u32,
    /// The user's token that the panic is located at.
    pub span: Span,
    /// How it panics.
    pub kind: PanicNodeKind,
}

/// How a node panics.
#[derive(Debug)]
pub enum PanicNodeKind {
    /// As the operation does that trapped: the runtime does it again.
    Operation,
    /// As `a[i..j]` and `a[[i, j]]` do: a call of `index`.
    SubSlice {
        /// `[i..j]`.
        bracket: Span,
    },
    /// As `a[i]` does: rustc's own operation, or a call of `index`, by what is indexed.
    Index {
        /// `[i]`.
        bracket: Span,
    },
    /// As `expect` does, with the user's message.
    Expect {
        /// The argument.
        message: Box<syn::Expr>,
    },
    /// As the macro does.
    Macro(Box<PanicMacro>),
}

/// A macro that panics.
#[derive(Debug)]
pub struct PanicMacro {
    /// The user's tokens.
    pub mac: syn::Macro,
    /// The condition of `assert!` as rustc prints it.
    pub condition: Option<String>,
    /// The message and its arguments: what comes after the condition, or after the two sides of `assert_eq!`. What the trap carries is said at
    /// [`hir::Format`].
    pub message: Vec<syn::Expr>,
}

//! Blocks, statements, items.

use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::Converter;
use super::desugar::azip;
use crate::hir;
use crate::lower::Code;

impl Converter {
    pub(super) fn block(&mut self, block: &syn::Block) -> hir::Block {
        let first = self.nodes.spans.len() as u32;
        self.block_depth += 1;
        let stmts = block.stmts.iter().map(|stmt| self.stmt(stmt)).collect();
        self.block_depth -= 1;
        // Those of the function's own block hold everywhere.
        if self.block_depth > 0 {
            let behind = self.nodes.spans.len() as u32;
            let imports = block.stmts.iter().filter_map(|stmt| match stmt {
                syn::Stmt::Item(syn::Item::Use(item)) => Some((first..behind, item.clone())),
                _ => None,
            });
            self.nodes.imports.extend(imports);
        }
        hir::Block {
            stmts,
            span: self.node_of(block),
        }
    }

    fn stmt(&mut self, stmt: &syn::Stmt) -> hir::Stmt {
        match stmt {
            syn::Stmt::Local(local) => hir::Stmt::Local(self.local(local)),
            syn::Stmt::Item(item) => hir::Stmt::Item(self.item(item)),
            syn::Stmt::Expr(expr, semi) => hir::Stmt::Expr(self.expr(expr), semi.is_some()),
            syn::Stmt::Macro(stmt) => match azip(&stmt.mac) {
                Some(expr) => hir::Stmt::Expr(self.expr(&expr), stmt.semi_token.is_some()),
                None => hir::Stmt::Macro(hir::StmtMacro {
                    mac: self.mac(&stmt.mac),
                    semi_token: stmt.semi_token.is_some(),
                }),
            },
        }
    }

    fn local(&mut self, local: &syn::Local) -> hir::Local {
        let let_token = self.node(local.let_token.span);
        self.lets.push((std::ptr::from_ref(local), let_token));
        hir::Local {
            pat: match local
                .init
                .as_ref()
                .is_some_and(|init| init.diverge.is_some())
            {
                true => self.test(&local.pat),
                false => self.pat(&local.pat),
            },
            init: local.init.as_ref().map(|init| hir::LocalInit {
                expr: self.boxed_expr(&init.expr),
                diverge: (init.diverge.as_ref())
                    .map(|(token, expr)| (self.node(token.span), self.boxed_expr(expr))),
            }),
            let_token,
        }
    }

    fn item(&mut self, item: &syn::Item) -> hir::Item {
        if let syn::Item::Const(syn::ItemConst { ident, .. }) = item {
            self.nodes.own_constants.push(ident.unraw().to_string());
        }
        match item {
            syn::Item::Use(item) => {
                let mut names = Vec::new();
                self.use_names(&item.tree, &mut Vec::new(), &mut names);
                hir::Item::Use(names)
            }
            syn::Item::Fn(item) => hir::Item::Fn(hir::ItemFn {
                fn_token: self.node(item.sig.fn_token.span),
                sig: self.signature(&item.sig, None),
                block: self.block(&item.block),
            }),
            syn::Item::Const(item) => hir::Item::Const(hir::ItemConst {
                token: self.node(item.const_token.span),
                mutability: false,
                ident: self.ident(&item.ident),
                ty: self.ty(&item.ty),
                expr: self.boxed_expr(&item.expr),
            }),
            syn::Item::Static(item) => hir::Item::Static(hir::ItemConst {
                token: self.node(item.static_token.span),
                mutability: matches!(item.mutability, syn::StaticMutability::Mut(_)),
                ident: self.ident(&item.ident),
                ty: self.ty(&item.ty),
                expr: self.boxed_expr(&item.expr),
            }),
            other => hir::Item::Refused(self.refused_item(other)),
        }
    }

    fn refused_item(&mut self, item: &syn::Item) -> hir::Refusal {
        let (span, what) = match item {
            syn::Item::Struct(item) => (item.struct_token.span, "structs"),
            syn::Item::Enum(item) => (item.enum_token.span, "enums"),
            syn::Item::Trait(item) => (item.trait_token.span, "traits"),
            syn::Item::Impl(item) => (item.impl_token.span, "`impl`s"),
            other => (other.span(), "such items"),
        };
        let what = format!("{what} inside a function");
        self.refusal(Code::Item, span, &what, "move it out of the function")
    }

    fn use_names(
        &mut self,
        tree: &syn::UseTree,
        path: &mut Vec<hir::Ident>,
        names: &mut Vec<hir::UseName>,
    ) {
        match tree {
            syn::UseTree::Path(tree) => {
                path.push(self.ident(&tree.ident));
                self.use_names(&tree.tree, path, names);
                path.pop();
            }
            syn::UseTree::Name(tree) => {
                let name = self.ident(&tree.ident);
                let mut path = path.clone();
                path.push(name.clone());
                names.push(hir::UseName { path, name });
            }
            syn::UseTree::Rename(tree) => {
                let mut path = path.clone();
                path.push(self.ident(&tree.ident));
                let name = self.ident(&tree.rename);
                names.push(hir::UseName { path, name });
            }
            syn::UseTree::Group(tree) => {
                (tree.items.iter()).for_each(|tree| self.use_names(tree, path, names));
            }
            syn::UseTree::Glob(tree) => names.push(hir::UseName {
                path: path.clone(),
                name: hir::Ident {
                    name: "*".to_owned(),
                    hygiene: 0,
                    span: self.node(tree.star_token.span()),
                },
            }),
        }
    }
}

//! Prints a condition as rustc prints it in "assertion failed: ..".
//!
//! rustc prints its syntax tree, not the tokens; a macro's tokens have lost the spacing of the source. So this prints the syntax tree by
//! rustc's rules (`rustc_ast_pretty`), for the expressions that can be captured. Where rustc would break a line (beyond 78 columns), this
//! does not.

use quote::ToTokens;

/// The text of an expression.
pub(super) fn show_expr(expr: &syn::Expr) -> String {
    match expr {
        syn::Expr::Paren(inner) => format!("({})", show_expr(&inner.expr)),
        syn::Expr::Group(inner) => show_expr(&inner.expr),
        syn::Expr::Lit(lit) => lit.lit.to_token_stream().to_string(),
        syn::Expr::Path(path) if path.qself.is_none() && is_plain(&path.path) => {
            show_path(&path.path)
        }
        syn::Expr::Unary(unary) => {
            format!("{}{}", unary.op.to_token_stream(), show_expr(&unary.expr))
        }
        syn::Expr::Binary(binary) => format!(
            "{} {} {}",
            show_expr(&binary.left),
            binary.op.to_token_stream().to_string().replace(' ', ""),
            show_expr(&binary.right)
        ),
        syn::Expr::Cast(cast) => match &*cast.ty {
            syn::Type::Path(ty) if is_plain(&ty.path) => {
                format!("{} as {}", show_expr(&cast.expr), show_path(&ty.path))
            }
            _ => fallback(expr),
        },
        syn::Expr::Index(index) => {
            format!("{}[{}]", show_expr(&index.expr), show_expr(&index.index))
        }
        syn::Expr::Field(field) => format!(
            "{}.{}",
            show_expr(&field.base),
            field.member.to_token_stream()
        ),
        syn::Expr::MethodCall(call) if call.turbofish.is_none() => format!(
            "{}.{}({})",
            show_expr(&call.receiver),
            call.method,
            show_list(&call.args)
        ),
        syn::Expr::Call(call) => {
            format!("{}({})", show_expr(&call.func), show_list(&call.args))
        }
        syn::Expr::Tuple(tuple) if tuple.elems.len() != 1 => {
            format!("({})", show_list(&tuple.elems))
        }
        syn::Expr::Array(array) => format!("[{}]", show_list(&array.elems)),
        syn::Expr::Reference(reference) if reference.mutability.is_none() => {
            format!("&{}", show_expr(&reference.expr))
        }
        syn::Expr::Range(range) => {
            let bound = |bound: &Option<Box<syn::Expr>>| {
                bound.as_deref().map(show_expr).unwrap_or_default()
            };
            format!(
                "{}{}{}",
                bound(&range.start),
                range.limits.to_token_stream().to_string().replace(' ', ""),
                bound(&range.end)
            )
        }
        _ => fallback(expr),
    }
}

fn show_list<'e>(exprs: impl IntoIterator<Item = &'e syn::Expr>) -> String {
    exprs
        .into_iter()
        .map(show_expr)
        .collect::<Vec<_>>()
        .join(", ")
}

fn is_plain(path: &syn::Path) -> bool {
    path.segments
        .iter()
        .all(|segment| segment.arguments.is_none())
}

fn show_path(path: &syn::Path) -> String {
    let segments: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let leading = if path.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    format!("{leading}{}", segments.join("::"))
}

fn fallback(expr: &syn::Expr) -> String {
    expr.to_token_stream().to_string()
}

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
        syn::Expr::Path(path) if path.qself.is_none() => {
            show_path(&path.path, true).unwrap_or_else(|| fallback(expr))
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
        syn::Expr::Cast(cast) => match show_ty(&cast.ty) {
            Some(ty) => format!("{} as {ty}", show_expr(&cast.expr)),
            None => fallback(expr),
        },
        syn::Expr::Index(index) => {
            format!("{}[{}]", show_expr(&index.expr), show_expr(&index.index))
        }
        syn::Expr::Field(field) => format!(
            "{}.{}",
            show_expr(&field.base),
            field.member.to_token_stream()
        ),
        syn::Expr::MethodCall(call) => {
            let turbofish = match &call.turbofish {
                Some(turbofish) => show_args(&turbofish.args).map(|args| format!("::<{args}>")),
                None => Some(String::new()),
            };
            match turbofish {
                Some(turbofish) => format!(
                    "{}.{}{turbofish}({})",
                    show_expr(&call.receiver),
                    call.method,
                    show_list(&call.args)
                ),
                None => fallback(expr),
            }
        }
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

/// A path, with what is written behind its names: `::<T>` in expressions, `<T>` in types. `None`: there is something that this does not print.
fn show_path(path: &syn::Path, in_expr: bool) -> Option<String> {
    let segments: Vec<String> = (path.segments.iter())
        .map(|segment| {
            let name = segment.ident.to_string();
            match &segment.arguments {
                syn::PathArguments::None => Some(name),
                syn::PathArguments::AngleBracketed(args) => {
                    let colons = if in_expr { "::" } else { "" };
                    Some(format!("{name}{colons}<{}>", show_args(&args.args)?))
                }
                syn::PathArguments::Parenthesized(_) => None,
            }
        })
        .collect::<Option<_>>()?;
    let leading = if path.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    Some(format!("{leading}{}", segments.join("::")))
}

fn show_args<'a>(args: impl IntoIterator<Item = &'a syn::GenericArgument>) -> Option<String> {
    let args: Vec<String> = (args.into_iter())
        .map(|arg| match arg {
            syn::GenericArgument::Type(ty) => show_ty(ty),
            syn::GenericArgument::Const(syn::Expr::Lit(lit)) => {
                Some(lit.lit.to_token_stream().to_string())
            }
            _ => None,
        })
        .collect::<Option<_>>()?;
    Some(args.join(", "))
}

fn show_ty(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(ty) if ty.qself.is_none() => show_path(&ty.path, false),
        syn::Type::Infer(_) => Some("_".to_owned()),
        _ => None,
    }
}

fn fallback(expr: &syn::Expr) -> String {
    expr.to_token_stream().to_string()
}

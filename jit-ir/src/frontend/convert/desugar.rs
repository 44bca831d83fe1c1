//! Macros of ndarray, written out: what they expand to, or something that says the same.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Pat, Token};

/// `azip!(..)` as calls of `Zip`.
pub(super) fn azip(mac: &syn::Macro) -> Option<Expr> {
    let name = &mac.path.segments.last()?.ident;
    if name != "azip" {
        return None;
    }
    Some(mac.parse_body::<Azip>().ok()?.written_out(name.span()))
}

/// The argument `s![a..b;k, i]` of `slice` as a tuple of ranges and indices, which only lowering sees.
pub(super) fn slice_argument(arg: &Expr) -> Option<Expr> {
    let Expr::Macro(syn::ExprMacro { mac, .. }) = arg else {
        return None;
    };
    let name = &mac.path.segments.last()?.ident;
    if name != "s" {
        return None;
    }
    let elems = mac.parse_body_with(Slices::parse).ok()?.0;
    Some(Expr::Tuple(syn::ExprTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren(name.span()),
        elems: elems.into_iter().collect(),
    }))
}

/// `azip!((index i, a in x, &b in y) body)`.
struct Azip {
    index: Option<Pat>,
    parts: Vec<(Pat, Expr)>,
    body: Expr,
}

impl Parse for Azip {
    fn parse(input: ParseStream<'_>) -> syn::Result<Azip> {
        let inside;
        syn::parenthesized!(inside in input);
        let mut index = None;
        let mut parts = Vec::new();
        while !inside.is_empty() {
            let is_index =
                inside.peek(Ident) && !inside.peek2(Token![in]) && !inside.peek2(Token![@]);
            if parts.is_empty() && index.is_none() && is_index {
                let word: Ident = inside.parse()?;
                if word != "index" {
                    return Err(syn::Error::new(word.span(), "expected `index`"));
                }
                index = Some(Pat::parse_single(&inside)?);
            } else {
                let pat = Pat::parse_single(&inside)?;
                inside.parse::<Token![in]>()?;
                parts.push((pat, inside.parse()?));
            }
            if inside.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        let body = input.parse()?;
        Ok(Azip { index, parts, body })
    }
}

impl Azip {
    fn written_out(self, span: Span) -> Expr {
        let Azip { index, parts, body } = self;
        let mut zip: Option<Expr> = None;
        let mut pats: Vec<Pat> = index.into_iter().collect();
        let start = Ident::new(if pats.is_empty() { "from" } else { "indexed" }, span);
        let and = Ident::new("and", span);
        for (pat, part) in parts {
            pats.push(pat);
            zip = Some(match zip {
                None => syn::parse_quote_spanned!(span => ::ndarray::Zip::#start(#part)),
                Some(zip) => syn::parse_quote_spanned!(span => #zip.#and(#part)),
            });
        }
        let for_each = Ident::new("for_each", span);
        match zip {
            Some(zip) => {
                syn::parse_quote_spanned!(span => #zip.#for_each(|#(#pats),*| #body))
            }
            None => body,
        }
    }
}

/// `a..b;k, i`: ranges with a step are `(a..b).step_by(k)`.
struct Slices(Vec<Expr>);

impl Parse for Slices {
    fn parse(input: ParseStream<'_>) -> syn::Result<Slices> {
        let mut elems = Vec::new();
        while !input.is_empty() {
            let elem: Expr = input.parse()?;
            elems.push(match input.parse::<Option<Token![;]>>()? {
                Some(semicolon) => {
                    let step: Expr = input.parse()?;
                    let step_by = Ident::new("step_by", semicolon.span);
                    syn::parse_quote_spanned!(semicolon.span => (#elem).#step_by(#step))
                }
                None => elem,
            });
            if input.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        if !input.is_empty() {
            return Err(input.error("expected `,`"));
        }
        Ok(Slices(elems))
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn shown(expr: Expr) -> Option<String> {
        let written_out = match &expr {
            Expr::Macro(expr) => azip(&expr.mac),
            _ => None,
        };
        let written_out = written_out.or_else(|| slice_argument(&expr));
        written_out.map(|expr| expr.to_token_stream().to_string())
    }

    #[test]
    fn macros_of_ndarray_are_written_out() {
        let same = |mac, expected: Expr| {
            assert_eq!(shown(mac), Some(expected.to_token_stream().to_string()));
        };
        same(
            syn::parse_quote!(azip!((a in &mut x, &b in y) *a += b)),
            syn::parse_quote!(
                ::ndarray::Zip::from(&mut x)
                    .and(y)
                    .for_each(|a, &b| *a += b)
            ),
        );
        same(
            syn::parse_quote!(azip!((index (i, j), a in x,) { *a = i + j; })),
            syn::parse_quote!(::ndarray::Zip::indexed(x).for_each(|(i, j), a| {
                *a = i + j;
            })),
        );
        same(
            syn::parse_quote!(s![1..n, ..;-2, k]),
            syn::parse_quote!((1..n, (..).step_by(-2), k)),
        );
        assert_eq!(shown(syn::parse_quote!(vec![1, 2])), None);
    }
}

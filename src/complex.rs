//! What num-complex's operators and methods mean, as jitted functions, and how calls find them.
//!
//! # Source
//!
//! num-complex 0.4.6: the same operations in the same order, so that results agree to the bit.

use hotloop_macros::jit;
use hotloop_runtime::link::{Gives, Marker, Twin};
use num_complex::Complex;
use num_traits::{Float, FloatConst};

/// The functions; those with several operators of a name are told apart by what the other operand is.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "called by jitted code, through their twins"
)]
mod functions {
    use super::{Complex, Float, FloatConst, jit};

    #[jit]
    pub fn new<T: Float>(re: T, im: T) -> Complex<T> {
        Complex::<T> { re, im }
    }

    #[jit]
    pub fn i<T: Float>() -> Complex<T> {
        Complex::<T> {
            re: T::zero(),
            im: T::one(),
        }
    }

    #[jit]
    pub fn neg<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: -z.re,
            im: -z.im,
        }
    }

    #[jit]
    pub fn add<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re + w.re,
            im: z.im + w.im,
        }
    }

    #[jit]
    pub fn sub<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re - w.re,
            im: z.im - w.im,
        }
    }

    #[jit]
    pub fn mul<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re * w.re - z.im * w.im,
            im: z.re * w.im + z.im * w.re,
        }
    }

    #[jit]
    pub fn div<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        let norm_sqr = w.re * w.re + w.im * w.im;
        let re = z.re * w.re + z.im * w.im;
        let im = z.im * w.re - z.re * w.im;
        Complex::<T> {
            re: re / norm_sqr,
            im: im / norm_sqr,
        }
    }

    #[jit]
    pub fn rem<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        let ratio = div(z, w);
        let one = T::one();
        let whole = Complex::<T> {
            re: ratio.re - ratio.re % one,
            im: ratio.im - ratio.im % one,
        };
        sub(z, mul(w, whole))
    }

    #[jit]
    pub fn add_real<T: Float>(z: Complex<T>, x: T) -> Complex<T> {
        Complex::<T> {
            re: z.re + x,
            im: z.im,
        }
    }

    #[jit]
    pub fn sub_real<T: Float>(z: Complex<T>, x: T) -> Complex<T> {
        Complex::<T> {
            re: z.re - x,
            im: z.im,
        }
    }

    #[jit]
    pub fn mul_real<T: Float>(z: Complex<T>, x: T) -> Complex<T> {
        Complex::<T> {
            re: z.re * x,
            im: z.im * x,
        }
    }

    #[jit]
    pub fn div_real<T: Float>(z: Complex<T>, x: T) -> Complex<T> {
        Complex::<T> {
            re: z.re / x,
            im: z.im / x,
        }
    }

    #[jit]
    pub fn rem_real<T: Float>(z: Complex<T>, x: T) -> Complex<T> {
        Complex::<T> {
            re: z.re % x,
            im: z.im % x,
        }
    }

    #[jit]
    pub fn real_add<T: Float>(x: T, z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: x + z.re,
            im: z.im,
        }
    }

    #[jit]
    pub fn real_sub<T: Float>(x: T, z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: x - z.re,
            im: T::zero() - z.im,
        }
    }

    #[jit]
    pub fn real_mul<T: Float>(x: T, z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: x * z.re,
            im: x * z.im,
        }
    }

    #[jit]
    pub fn real_div<T: Float>(x: T, z: Complex<T>) -> Complex<T> {
        let norm_sqr = z.re * z.re + z.im * z.im;
        Complex::<T> {
            re: x * z.re / norm_sqr,
            im: T::zero() - x * z.im / norm_sqr,
        }
    }

    #[jit]
    pub fn real_rem<T: Float>(x: T, z: Complex<T>) -> Complex<T> {
        rem(
            Complex::<T> {
                re: x,
                im: T::zero(),
            },
            z,
        )
    }

    macro_rules! assigning {
        ($($name:ident $real:ident = $op:ident $op_real:ident;)*) => { $(
            #[jit]
            pub fn $name<T: Float>(z: &mut Complex<T>, w: Complex<T>) {
                *z = $op(*z, w);
            }

            #[jit]
            pub fn $real<T: Float>(z: &mut Complex<T>, x: T) {
                *z = $op_real(*z, x);
            }
        )* };
    }
    assigning! {
        add_assign add_assign_real = add add_real;
        sub_assign sub_assign_real = sub sub_real;
        mul_assign mul_assign_real = mul mul_real;
        div_assign div_assign_real = div div_real;
        rem_assign rem_assign_real = rem rem_real;
    }

    #[jit]
    pub fn norm_sqr<T: Float>(z: Complex<T>) -> T {
        z.re * z.re + z.im * z.im
    }

    #[jit]
    pub fn l1_norm<T: Float>(z: Complex<T>) -> T {
        z.re.abs() + z.im.abs()
    }

    #[jit]
    pub fn conj<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re,
            im: -z.im,
        }
    }

    #[jit]
    pub fn inv<T: Float>(z: Complex<T>) -> Complex<T> {
        let norm_sqr = norm_sqr(z);
        Complex::<T> {
            re: z.re / norm_sqr,
            im: -z.im / norm_sqr,
        }
    }

    #[jit]
    pub fn powu<T: Float>(z: Complex<T>, exp: u32) -> Complex<T> {
        let mut exp = exp;
        if exp == 0 {
            return Complex::<T> {
                re: T::one(),
                im: T::zero(),
            };
        }
        let mut base = z;
        while exp & 1 == 0 {
            base = mul(base, base);
            exp >>= 1;
        }
        if exp == 1 {
            return base;
        }
        let mut acc = base;
        while exp > 1 {
            exp >>= 1;
            base = mul(base, base);
            if exp & 1 == 1 {
                acc = mul(acc, base);
            }
        }
        acc
    }

    #[jit]
    pub fn powi<T: Float>(z: Complex<T>, exp: i32) -> Complex<T> {
        if exp < 0 {
            powu(inv(z), exp.wrapping_neg() as u32)
        } else {
            powu(z, exp as u32)
        }
    }

    #[jit]
    pub fn norm<T: Float>(z: Complex<T>) -> T {
        z.re.hypot(z.im)
    }

    #[jit]
    pub fn arg<T: Float>(z: Complex<T>) -> T {
        z.im.atan2(z.re)
    }

    #[jit]
    pub fn to_polar<T: Float>(z: Complex<T>) -> (T, T) {
        (norm(z), arg(z))
    }

    #[jit]
    pub fn from_polar<T: Float>(r: T, theta: T) -> Complex<T> {
        Complex::<T> {
            re: r * theta.cos(),
            im: r * theta.sin(),
        }
    }

    #[jit]
    pub fn cis<T: Float>(phase: T) -> Complex<T> {
        Complex::<T> {
            re: phase.cos(),
            im: phase.sin(),
        }
    }

    #[jit]
    pub fn exp<T: Float>(z: Complex<T>) -> Complex<T> {
        let re = z.re;
        let mut im = z.im;
        if re.is_infinite() {
            if re < T::zero() {
                if !im.is_finite() {
                    return Complex::<T> {
                        re: T::zero(),
                        im: T::zero(),
                    };
                }
            } else if im == T::zero() || !im.is_finite() {
                if im.is_infinite() {
                    im = T::nan();
                }
                return Complex::<T> { re, im };
            }
        } else if re.is_nan() && im == T::zero() {
            return z;
        }
        from_polar(re.exp(), im)
    }

    #[jit]
    pub fn ln<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: norm(z).ln(),
            im: arg(z),
        }
    }

    #[jit]
    pub fn sqrt<T: Float>(z: Complex<T>) -> Complex<T> {
        let two = T::one() + T::one();
        if z.im.is_zero() {
            if z.re.is_sign_positive() {
                Complex::<T> {
                    re: z.re.sqrt(),
                    im: z.im,
                }
            } else {
                let im = (-z.re).sqrt();
                if z.im.is_sign_positive() {
                    Complex::<T> { re: T::zero(), im }
                } else {
                    Complex::<T> {
                        re: T::zero(),
                        im: -im,
                    }
                }
            }
        } else if z.re.is_zero() {
            let x = (z.im.abs() / two).sqrt();
            if z.im.is_sign_positive() {
                Complex::<T> { re: x, im: x }
            } else {
                Complex::<T> { re: x, im: -x }
            }
        } else {
            from_polar(norm(z).sqrt(), arg(z) / two)
        }
    }

    #[jit]
    pub fn cbrt<T: Float>(z: Complex<T>) -> Complex<T> {
        let one = T::one();
        let two = one + one;
        let three = two + one;
        if z.im.is_zero() {
            if z.re.is_sign_positive() {
                Complex::<T> {
                    re: z.re.cbrt(),
                    im: z.im,
                }
            } else {
                let re = (-z.re).cbrt() / two;
                let im = three.sqrt() * re;
                if z.im.is_sign_positive() {
                    Complex::<T> { re, im }
                } else {
                    Complex::<T> { re, im: -im }
                }
            }
        } else if z.re.is_zero() {
            let im = z.im.abs().cbrt() / two;
            let re = three.sqrt() * im;
            if z.im.is_sign_positive() {
                Complex::<T> { re, im }
            } else {
                Complex::<T> { re, im: -im }
            }
        } else {
            from_polar(norm(z).cbrt(), arg(z) / three)
        }
    }

    #[jit]
    pub fn powf<T: Float>(z: Complex<T>, exp: T) -> Complex<T> {
        if exp.is_zero() {
            return Complex::<T> {
                re: T::one(),
                im: T::zero(),
            };
        }
        from_polar(norm(z).powf(exp), arg(z) * exp)
    }

    #[jit]
    pub fn log<T: Float>(z: Complex<T>, base: T) -> Complex<T> {
        Complex::<T> {
            re: norm(z).log(base),
            im: arg(z) / base.ln(),
        }
    }

    #[jit]
    pub fn powc<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        if w.re.is_zero() && w.im.is_zero() {
            return Complex::<T> {
                re: T::one(),
                im: T::zero(),
            };
        }
        exp(mul(w, ln(z)))
    }

    #[jit]
    pub fn expf<T: Float>(z: Complex<T>, base: T) -> Complex<T> {
        from_polar(base.powf(z.re), z.im * base.ln())
    }

    #[jit]
    pub fn sin<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re.sin() * z.im.cosh(),
            im: z.re.cos() * z.im.sinh(),
        }
    }

    #[jit]
    pub fn cos<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re.cos() * z.im.cosh(),
            im: -z.re.sin() * z.im.sinh(),
        }
    }

    #[jit]
    pub fn tan<T: Float>(z: Complex<T>) -> Complex<T> {
        let (two_re, two_im) = (z.re + z.re, z.im + z.im);
        let scale = two_re.cos() + two_im.cosh();
        Complex::<T> {
            re: two_re.sin() / scale,
            im: two_im.sinh() / scale,
        }
    }

    #[jit]
    pub fn sinh<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re.sinh() * z.im.cos(),
            im: z.re.cosh() * z.im.sin(),
        }
    }

    #[jit]
    pub fn cosh<T: Float>(z: Complex<T>) -> Complex<T> {
        Complex::<T> {
            re: z.re.cosh() * z.im.cos(),
            im: z.re.sinh() * z.im.sin(),
        }
    }

    #[jit]
    pub fn tanh<T: Float>(z: Complex<T>) -> Complex<T> {
        let (two_re, two_im) = (z.re + z.re, z.im + z.im);
        let scale = two_re.cosh() + two_im.cos();
        Complex::<T> {
            re: two_re.sinh() / scale,
            im: two_im.sin() / scale,
        }
    }

    #[jit]
    pub fn real<T: Float>(x: T) -> Complex<T> {
        Complex::<T> {
            re: x,
            im: T::zero(),
        }
    }

    #[jit]
    pub fn asin<T: Float>(z: Complex<T>) -> Complex<T> {
        let root = sqrt(sub(real(T::one()), mul(z, z)));
        mul(neg(i::<T>()), ln(add(root, mul(i::<T>(), z))))
    }

    #[jit]
    pub fn acos<T: Float>(z: Complex<T>) -> Complex<T> {
        let root = sqrt(sub(real(T::one()), mul(z, z)));
        mul(neg(i::<T>()), ln(add(mul(i::<T>(), root), z)))
    }

    #[jit]
    pub fn atan<T: Float>(z: Complex<T>) -> Complex<T> {
        let one = real(T::one());
        let two = add(one, one);
        if z.re == T::zero() && z.im == T::one() {
            return Complex::<T> {
                re: T::zero(),
                im: T::infinity(),
            };
        } else if z.re == -T::zero() && z.im == -T::one() {
            return Complex::<T> {
                re: T::zero(),
                im: -T::infinity(),
            };
        }
        let turned = mul(i::<T>(), z);
        let difference = sub(ln(add(one, turned)), ln(sub(one, turned)));
        div(difference, mul(two, i::<T>()))
    }

    #[jit]
    pub fn asinh<T: Float>(z: Complex<T>) -> Complex<T> {
        ln(add(z, sqrt(add(real(T::one()), mul(z, z)))))
    }

    #[jit]
    pub fn acosh<T: Float>(z: Complex<T>) -> Complex<T> {
        let one = real(T::one());
        let two = add(one, one);
        let sum = add(sqrt(div(add(z, one), two)), sqrt(div(sub(z, one), two)));
        mul(two, ln(sum))
    }

    #[jit]
    pub fn atanh<T: Float>(z: Complex<T>) -> Complex<T> {
        let one = real(T::one());
        let two = add(one, one);
        if z.re == T::one() && z.im == T::zero() {
            return Complex::<T> {
                re: T::infinity(),
                im: T::zero(),
            };
        } else if z.re == -T::one() && z.im == -T::zero() {
            return Complex::<T> {
                re: -T::infinity(),
                im: T::zero(),
            };
        }
        div(sub(ln(add(one, z)), ln(sub(one, z))), two)
    }

    #[jit]
    pub fn exp2<T: Float + FloatConst>(z: Complex<T>) -> Complex<T> {
        from_polar(z.re.exp2(), z.im * T::LN_2())
    }

    #[jit]
    pub fn log2<T: Float + FloatConst>(z: Complex<T>) -> Complex<T> {
        div_real(ln(z), T::LN_2())
    }

    #[jit]
    pub fn log10<T: Float + FloatConst>(z: Complex<T>) -> Complex<T> {
        div_real(ln(z), T::LN_10())
    }

    #[jit]
    pub fn finv<T: Float>(z: Complex<T>) -> Complex<T> {
        let norm = norm(z);
        Complex::<T> {
            re: z.re / norm / norm,
            im: -z.im / norm / norm,
        }
    }

    #[jit]
    pub fn fdiv<T: Float>(z: Complex<T>, w: Complex<T>) -> Complex<T> {
        mul(z, finv(w))
    }

    #[jit]
    pub fn is_nan<T: Float>(z: Complex<T>) -> bool {
        z.re.is_nan() || z.im.is_nan()
    }

    #[jit]
    pub fn is_infinite<T: Float>(z: Complex<T>) -> bool {
        !is_nan(z) && (z.re.is_infinite() || z.im.is_infinite())
    }

    #[jit]
    pub fn is_finite<T: Float>(z: Complex<T>) -> bool {
        z.re.is_finite() && z.im.is_finite()
    }

    #[jit]
    pub fn is_normal<T: Float>(z: Complex<T>) -> bool {
        z.re.is_normal() && z.im.is_normal()
    }
}

/// The function that an operator is with this operand on the other side.
pub trait Operator<Other> {
    /// `+` and so on.
    type Add: Marker;
    /// `-`
    type Sub: Marker;
    /// `*`
    type Mul: Marker;
    /// `/`
    type Div: Marker;
    /// `%`
    type Rem: Marker;
    /// `+=`
    type AddAssign: Marker;
    /// `-=`
    type SubAssign: Marker;
    /// `*=`
    type MulAssign: Marker;
    /// `/=`
    type DivAssign: Marker;
    /// `%=`
    type RemAssign: Marker;
}

impl<T: Float> Operator<Complex<T>> for Complex<T> {
    type Add = Twin<functions::add, (T,)>;
    type Sub = Twin<functions::sub, (T,)>;
    type Mul = Twin<functions::mul, (T,)>;
    type Div = Twin<functions::div, (T,)>;
    type Rem = Twin<functions::rem, (T,)>;
    type AddAssign = Twin<functions::add_assign, (T,)>;
    type SubAssign = Twin<functions::sub_assign, (T,)>;
    type MulAssign = Twin<functions::mul_assign, (T,)>;
    type DivAssign = Twin<functions::div_assign, (T,)>;
    type RemAssign = Twin<functions::rem_assign, (T,)>;
}

impl<T: Float> Operator<T> for Complex<T> {
    type Add = Twin<functions::add_real, (T,)>;
    type Sub = Twin<functions::sub_real, (T,)>;
    type Mul = Twin<functions::mul_real, (T,)>;
    type Div = Twin<functions::div_real, (T,)>;
    type Rem = Twin<functions::rem_real, (T,)>;
    type AddAssign = Twin<functions::add_assign_real, (T,)>;
    type SubAssign = Twin<functions::sub_assign_real, (T,)>;
    type MulAssign = Twin<functions::mul_assign_real, (T,)>;
    type DivAssign = Twin<functions::div_assign_real, (T,)>;
    type RemAssign = Twin<functions::rem_assign_real, (T,)>;
}

/// The function that an operator is with a number on its left.
pub trait Reversed<Left> {
    /// `+` and so on.
    type Add: Marker;
    /// `-`
    type Sub: Marker;
    /// `*`
    type Mul: Marker;
    /// `/`
    type Div: Marker;
    /// `%`
    type Rem: Marker;
}

impl<T: Float> Reversed<T> for Complex<T> {
    type Add = Twin<functions::real_add, (T,)>;
    type Sub = Twin<functions::real_sub, (T,)>;
    type Mul = Twin<functions::real_mul, (T,)>;
    type Div = Twin<functions::real_div, (T,)>;
    type Rem = Twin<functions::real_rem, (T,)>;
}

macro_rules! twins {
    (
        operators($($operator:ident $marker:ident)*)
        reversed($($reversed:ident $reversed_marker:ident)*)
        functions($($function:ident $name:ident($($param:ident: $param_ty:ty),*);)*)
        methods($($method:ident $method_name:ident($($arg:ident: $arg_ty:ty),*);)*)
    ) => {
        /// The twins of methods of `Complex<T>`.
        #[allow(missing_docs, unused_variables)]
        pub trait Twins<T: Float>: Sized {
            $(fn $operator<Other>(self, other: Other) -> <Self as Operator<Other>>::$marker
            where
                Self: Operator<Other>,
            {
                hotloop_runtime::link::any()
            })*
            $(fn $reversed<Left>(self, left: Left) -> <Self as Reversed<Left>>::$reversed_marker
            where
                Self: Reversed<Left>,
            {
                hotloop_runtime::link::any()
            })*
            $(fn $method(self, $($arg: $arg_ty),*) -> Twin<functions::$method_name, (T,)> {
                hotloop_runtime::link::any()
            })*
        }

        impl<T: Float> Twins<T> for Complex<T> {}

        /// The twins of associated functions of `Complex<T>`.
        #[allow(missing_docs, unused_variables)]
        pub trait Functions<T: Float>: Sized {
            $(fn $function($($param: $param_ty),*) -> Twin<functions::$name, (T,), Gives<Complex<T>>> {
                hotloop_runtime::link::any()
            })*
        }

        impl<T: Float> Functions<T> for Complex<T> {}
    };
}

twins! {
    operators(
        __hotloop_instance_of_add Add
        __hotloop_instance_of_sub Sub
        __hotloop_instance_of_mul Mul
        __hotloop_instance_of_div Div
        __hotloop_instance_of_rem Rem
        __hotloop_instance_of_add_assign AddAssign
        __hotloop_instance_of_sub_assign SubAssign
        __hotloop_instance_of_mul_assign MulAssign
        __hotloop_instance_of_div_assign DivAssign
        __hotloop_instance_of_rem_assign RemAssign
    )
    reversed(
        __hotloop_instance_of_reversed_add Add
        __hotloop_instance_of_reversed_sub Sub
        __hotloop_instance_of_reversed_mul Mul
        __hotloop_instance_of_reversed_div Div
        __hotloop_instance_of_reversed_rem Rem
    )
    functions(
        __hotloop_instance_of_new new(re: T, im: T);
        __hotloop_instance_of_i i();
        __hotloop_instance_of_from_polar from_polar(r: T, theta: T);
        __hotloop_instance_of_cis cis(phase: T);
        __hotloop_instance_of_from real(re: T);
    )
    methods(
        __hotloop_instance_of_neg neg();
        __hotloop_instance_of_norm norm();
        __hotloop_instance_of_norm_sqr norm_sqr();
        __hotloop_instance_of_l1_norm l1_norm();
        __hotloop_instance_of_arg arg();
        __hotloop_instance_of_conj conj();
        __hotloop_instance_of_inv inv();
        __hotloop_instance_of_scale mul_real(x: T);
        __hotloop_instance_of_unscale div_real(x: T);
        __hotloop_instance_of_powi powi(exp: i32);
        __hotloop_instance_of_powu powu(exp: u32);
        __hotloop_instance_of_powf powf(exp: T);
        __hotloop_instance_of_powc powc(exp: Complex<T>);
        __hotloop_instance_of_log log(base: T);
        __hotloop_instance_of_expf expf(base: T);
        __hotloop_instance_of_to_polar to_polar();
        __hotloop_instance_of_exp exp();
        __hotloop_instance_of_ln ln();
        __hotloop_instance_of_sqrt sqrt();
        __hotloop_instance_of_cbrt cbrt();
        __hotloop_instance_of_sum add();
        __hotloop_instance_of_product mul();
        __hotloop_instance_of_asin asin();
        __hotloop_instance_of_acos acos();
        __hotloop_instance_of_atan atan();
        __hotloop_instance_of_asinh asinh();
        __hotloop_instance_of_acosh acosh();
        __hotloop_instance_of_atanh atanh();
        __hotloop_instance_of_exp2 exp2();
        __hotloop_instance_of_log2 log2();
        __hotloop_instance_of_log10 log10();
        __hotloop_instance_of_sin sin();
        __hotloop_instance_of_cos cos();
        __hotloop_instance_of_tan tan();
        __hotloop_instance_of_sinh sinh();
        __hotloop_instance_of_cosh cosh();
        __hotloop_instance_of_tanh tanh();
        __hotloop_instance_of_finv finv();
        __hotloop_instance_of_fdiv fdiv(other: Complex<T>);
        __hotloop_instance_of_is_nan is_nan();
        __hotloop_instance_of_is_infinite is_infinite();
        __hotloop_instance_of_is_finite is_finite();
        __hotloop_instance_of_is_normal is_normal();
    )
}

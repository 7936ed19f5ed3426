/* The stand-in cuBLAS: each entry is one sum in double precision, rounded once. */
#include "internal.h"

#include <cublas_v2.h>

struct cublasContext {
    cudaStream_t stream;
};

namespace
{

/* op(a) is m x k, op(b) is k x n, c is m x n; element (i, j) of a stored matrix is [i + j ld] */
struct Product {
    bool trans_a, trans_b;
    int m, n, k;
    float alpha, beta;
    const float *a, *b;
    float *c;
    int64_t lda, ldb, ldc;
};

float entry(const Product &p, int64_t i, int64_t j)
{
    double sum = 0.0;
    for (int64_t l = 0; l < p.k; l++) {
        const double a = p.a[p.trans_a ? l + i * p.lda : i + l * p.lda];
        const double b = p.b[p.trans_b ? j + l * p.ldb : l + j * p.ldb];
        sum += a * b;
    }
    /* with beta 0 the old value is not read */
    const double old = p.beta == 0.0f ? 0.0 : static_cast<double>(p.beta) * p.c[i + j * p.ldc];
    return static_cast<float>(p.alpha * sum + old);
}

void multiply(const Product &p)
{
    for (int64_t j = 0; j < p.n; j++) {
        for (int64_t i = 0; i < p.m; i++) p.c[i + j * p.ldc] = entry(p, i, j);
    }
}

/* y = op(a) x, turned round: row y = row x times op(a) transposed; increments are leading dimensions */
Product product_of_vector(cublasOperation_t trans, int m, int n, float alpha, float beta, int lda,
                          int incx, int incy)
{
    const bool t = trans != CUBLAS_OP_N;
    return {false,   !t,      1,       t ? n : m, t ? m : n, alpha, beta,
            nullptr, nullptr, nullptr, incx,      lda,       incy};
}

cublasStatus_t submit(cublasHandle_t handle, std::function<void()> work)
{
    std::lock_guard<std::recursive_mutex> guard(dg_emulator_lock());
    const cudaError_t error = dg_emulator_enqueue(handle->stream, work);
    return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

} // namespace

cublasStatus_t cublasCreate_v2(cublasHandle_t *handle)
{
    if (dg_emulator_device_check(dg_emulator_device()) != cudaSuccess) {
        return CUBLAS_STATUS_NOT_INITIALIZED;
    }
    *handle = new cublasContext{nullptr};
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle)
{
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream)
{
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    handle->stream = stream;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t)
{
    return handle ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void *, size_t)
{
    return handle ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

const char *cublasGetStatusName(cublasStatus_t status)
{
    return status == CUBLAS_STATUS_SUCCESS ? "CUBLAS_STATUS_SUCCESS" : "CUBLAS_STATUS (emulated)";
}

const char *cublasGetStatusString(cublasStatus_t status)
{
    return status == CUBLAS_STATUS_SUCCESS ? "success" : "an emulated cuBLAS error";
}

cublasStatus_t cublasSgemvBatched(cublasHandle_t handle, cublasOperation_t trans, int m, int n,
                                  const float *alpha, const float *const a[], int lda,
                                  const float *const x[], int incx, const float *beta,
                                  float *const y[], int incy, int batch_count)
{
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || batch_count < 0 || lda < (m > 1 ? m : 1) || incx < 1 || incy < 1) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const Product one = product_of_vector(trans, m, n, *alpha, *beta, lda, incx, incy);
    return submit(handle, [=]() {
        for (int b = 0; b < batch_count; b++) {
            Product p = one;
            p.a = x[b];
            p.b = a[b];
            p.c = y[b];
            multiply(p);
        }
    });
}

cublasStatus_t cublasSgemvStridedBatched(cublasHandle_t handle, cublasOperation_t trans, int m,
                                         int n, const float *alpha, const float *a, int lda,
                                         long long int stride_a, const float *x, int incx,
                                         long long int stride_x, const float *beta, float *y,
                                         int incy, long long int stride_y, int batch_count)
{
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    if (m < 0 || n < 0 || batch_count < 0 || lda < (m > 1 ? m : 1) || incx < 1 || incy < 1) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const Product one = product_of_vector(trans, m, n, *alpha, *beta, lda, incx, incy);
    return submit(handle, [=]() {
        for (int b = 0; b < batch_count; b++) {
            Product p = one;
            p.a = x + b * stride_x;
            p.b = a + b * stride_a;
            p.c = y + b * stride_y;
            multiply(p);
        }
    });
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t trans_a,
                                         cublasOperation_t trans_b, int m, int n, int k,
                                         const float *alpha, const float *a, int lda,
                                         long long int stride_a, const float *b, int ldb,
                                         long long int stride_b, const float *beta, float *c,
                                         int ldc, long long int stride_c, int batch_count)
{
    if (!handle) return CUBLAS_STATUS_NOT_INITIALIZED;
    const bool ta = trans_a != CUBLAS_OP_N, tb = trans_b != CUBLAS_OP_N;
    if (m < 0 || n < 0 || k < 0 || batch_count < 0 || lda < (ta ? k : m) || ldb < (tb ? n : k) ||
        ldc < m) {
        return CUBLAS_STATUS_INVALID_VALUE;
    }
    const Product one = {ta, tb, m, n, k, *alpha, *beta, nullptr, nullptr, nullptr, lda, ldb, ldc};
    return submit(handle, [=]() {
        for (int i = 0; i < batch_count; i++) {
            Product p = one;
            p.a = a + i * stride_a;
            p.b = b + i * stride_b;
            p.c = c + i * stride_c;
            multiply(p);
        }
    });
}

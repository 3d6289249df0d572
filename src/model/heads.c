/* Plain float work for the heads, in one fixed order of operations. */
#include "model/kernels.h"

void head_linear(const float *x, uint32_t n, uint32_t I, const float *W, const float *b, uint32_t O, float *y)
{
	kernels_now()->dense(x, n, I, W, b, O, y);
}

void head_gelu(float *x, size_t n)
{
	kernels_now()->gelu(x, n);
}

/* Cody and Waite's reduction and the polynomial of Cephes' expf; within 2 units in the last place. */
float head_exp(float x)
{
	x = smaller(larger(x, -87.0f), 88.0f);
	const float n = whole(x * 1.44269504f), r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
	float y = 1.9875691500e-4f;
	y = y * r + 1.3981999507e-3f;
	y = y * r + 8.3334519073e-3f;
	y = y * r + 4.1665795894e-2f;
	y = y * r + 1.6666665459e-1f;
	y = y * r + 5.0000001201e-1f;
	y = (y * (r * r) + r) + 1.0f;
	int32_t bits;                           /* times 2^n; y is 0.7..1.5 and n -126..127 */
	memcpy(&bits, &y, sizeof bits);
	bits += (int32_t)n * (1 << 23);
	memcpy(&y, &bits, sizeof y);
	return y;
}

float head_sigmoid(float x)
{
	return 1.0f / (1.0f + head_exp(-x));
}

void head_softmax(float *x, uint32_t n)
{
	float top = -3e38f, s[8] = {0};
	for (uint32_t i = 0; i < n; i++)
		top = larger(x[i], top);
	for (uint32_t i = 0; i < n; i++) {
		x[i] = head_exp(x[i] - top);
		s[i % 8] += x[i];
	}
	const float sum = add_eight(s);
	for (uint32_t i = 0; i < n; i++)
		x[i] = x[i] / sum;
}

void head_norm(const float *x, uint32_t n, uint32_t H, const float *weight, const float *bias, float *y)
{
	if (y != x)
		memcpy(y, x, (size_t)n * H * sizeof *y);
	kernels_now()->add_norm(y, NULL, n, H, weight, bias);
}

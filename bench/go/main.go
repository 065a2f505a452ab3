// The same work with golang.org/x/oauth2, or with a token given: `main TOKEN_URL CLIENT_ID SECRET SCOPE URL REQUESTS [TOKEN]`.
// Prints its figures as JSON.
package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const callers = 8

type transportWithToken struct{ token string }

func (transport transportWithToken) RoundTrip(request *http.Request) (*http.Response, error) {
	request.Header.Set("Authorization", "Bearer "+transport.token)
	return http.DefaultTransport.RoundTrip(request)
}

func newClient() *http.Client {
	if len(os.Args) > 7 {
		return &http.Client{Transport: transportWithToken{os.Args[7]}}
	}
	config := clientcredentials.Config{
		TokenURL: os.Args[1], ClientID: os.Args[2], ClientSecret: os.Args[3], Scopes: []string{os.Args[4]},
		AuthStyle: oauth2.AuthStyleInParams,
	}
	return config.Client(context.Background())
}

func get(client *http.Client) bool {
	response, err := client.Get(os.Args[5])
	if err != nil {
		return false
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode == 200
}

/** All at once. */
func volley(client *http.Client, requests int) (ms float64, failures int64) {
	var all sync.WaitGroup
	started := time.Now()
	for n := 0; n < requests; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if !get(client) {
				atomic.AddInt64(&failures, 1)
			}
		}()
	}
	all.Wait()
	return milliseconds(time.Since(started)), failures
}

/** Each caller sends its next request once the previous one is complete. */
func latencies(client *http.Client, requests int) []float64 {
	times := make([][]float64, callers)
	var all sync.WaitGroup
	for caller := range times {
		all.Add(1)
		go func(caller int) {
			defer all.Done()
			for n := 0; n < requests/callers; n++ {
				started := time.Now()
				get(client)
				times[caller] = append(times[caller], milliseconds(time.Since(started)))
			}
		}(caller)
	}
	all.Wait()
	var together []float64
	for _, each := range times {
		together = append(together, each...)
	}
	sort.Float64s(together)
	return together
}

func milliseconds(duration time.Duration) float64 { return float64(duration) / 1e6 }

func processorMs() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return milliseconds(time.Duration(usage.Utime.Nano() + usage.Stime.Nano()))
}

func main() {
	transport := http.DefaultTransport.(*http.Transport)
	transport.MaxConnsPerHost = 64
	transport.MaxIdleConnsPerHost = 64
	requests, _ := strconv.Atoi(os.Args[6])

	started := time.Now()
	get(newClient())
	first := map[string]float64{"ms": milliseconds(time.Since(started)), "cpuMs": processorMs()}

	volley(newClient(), requests)
	client := newClient()
	coldMs, failures := volley(client, requests)
	warmMs, _ := volley(client, requests)
	times := latencies(client, 2_000)

	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"first": first, "failures": failures, "extraMs": coldMs - warmMs,
		"p50": times[len(times)/2] * 1_000, "p99": times[len(times)*99/100] * 1_000,
	})
}

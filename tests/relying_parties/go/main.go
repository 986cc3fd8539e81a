// golang.org/x/oauth2 and go-oidc, unmodified: says where the person must go, hears where they came back to.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	check(json.Unmarshal([]byte(os.Getenv("APP")), &app))
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	check(err)
	config := oauth2.Config{
		ClientID:     app.ID,
		ClientSecret: app.Secret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  "https://rp.example/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile"},
	}
	verifier := oauth2.GenerateVerifier()
	line, err := json.Marshal(map[string]string{
		"url": config.AuthCodeURL("state", oidc.Nonce("n-1"), oauth2.S256ChallengeOption(verifier)),
	})
	check(err)
	fmt.Println(string(line))
	in := bufio.NewReader(os.Stdin)
	text, err := in.ReadString('\n')
	check(err)
	back, err := url.Parse(strings.TrimSpace(text))
	check(err)
	token, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	check(err)
	raw, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: app.ID}).Verify(ctx, raw)
	check(err)
	if idToken.Nonce != "n-1" || idToken.VerifyAccessToken(token.AccessToken) != nil {
		log.Fatal("the nonce or at_hash is another")
	}
	userinfo, err := provider.UserInfo(ctx, config.TokenSource(ctx, token))
	check(err)
	var claims struct {
		Name string `json:"name"`
	}
	check(userinfo.Claims(&claims))
	line, err = json.Marshal(claims)
	check(err)
	fmt.Println(string(line))

	// A device that has no browser (RFC 8628): its person goes elsewhere, and it asks until they have answered.
	// The library sends a secret here only where it is told to; it is no public client's app.
	device, err := config.DeviceAuth(ctx, oauth2.SetAuthURLParam("client_secret", app.Secret))
	check(err)
	line, err = json.Marshal(map[string]string{"url": device.VerificationURIComplete})
	check(err)
	fmt.Println(string(line))
	_, err = in.ReadString('\n')
	check(err)
	token, err = config.DeviceAccessToken(ctx, device)
	check(err)
	line, err = json.Marshal(map[string]string{"device": token.TokenType})
	check(err)
	fmt.Println(string(line))
}

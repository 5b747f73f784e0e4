"use strict";
// Accounts in MongoDB: sign-in, search, profile changes.

const _ = require("lodash");
const express = require("express");
const mongoose = require("mongoose");

const User = mongoose.model(
  "User",
  new mongoose.Schema({ email: String, pin: String, code: String, age: Number, city: String, role: String })
);
const router = express.Router();
const EDITABLE = ["city", "nickname"];

function publicUser(user) {
  return user && { id: user.id, city: user.city };
}

exports.signIn = async function signIn(req, res) {
  const user = await User.findOne({ email: req.body.email, pin: req.body.pin });
  if (!user) {
    return res.status(401).end();
  }
  return res.json(publicUser(user));
};

exports.signInWithCode = async function signInWithCode(req, res) {
  const user = await User.findOne({ email: String(req.body.email), code: String(req.body.code) });
  if (!user) {
    return res.status(401).end();
  }
  return res.json(publicUser(user));
};

exports.find = async function find(req, res) {
  const users = await User.find(req.query).limit(20);
  res.json(users.map(publicUser));
};

exports.findInCity = async function findInCity(req, res) {
  if (typeof req.query.city !== "string") {
    return res.status(400).end();
  }
  const users = await User.find({ city: req.query.city }).limit(20);
  return res.json(users.map(publicUser));
};

exports.older = async function older(req, res) {
  const users = await User.find({ $where: `this.age > ${req.query.age}` }).limit(20);
  res.json(users.map(publicUser));
};

exports.younger = async function younger(req, res) {
  const users = await User.find({ age: { $lt: Number(req.query.age) } }).limit(20);
  res.json(users.map(publicUser));
};

exports.remove = async function remove(req, res) {
  const { filter } = req.body;
  const result = await User.deleteMany(filter);
  res.json({ removed: result.deletedCount });
};

exports.removeOne = async function removeOne(req, res) {
  if (!mongoose.isValidObjectId(req.params.id)) {
    return res.status(400).end();
  }
  const result = await User.deleteOne({ _id: new mongoose.Types.ObjectId(String(req.params.id)) });
  return res.json({ removed: result.deletedCount });
};

exports.register = async function register(req, res) {
  const user = await User.create(req.body);
  res.status(201).json(publicUser(user));
};

exports.invite = async function invite(req, res) {
  const { email, city } = req.body;
  const user = await User.create({ email: String(email), city: String(city), role: "guest" });
  res.status(201).json(publicUser(user));
};

exports.updateProfile = async function updateProfile(req, res) {
  const user = await User.findById(req.user.id);
  Object.assign(user, req.body);
  await user.save();
  res.json(publicUser(user));
};

exports.updateSettings = async function updateSettings(req, res) {
  const user = await User.findById(req.user.id);
  Object.assign(user, _.pick(req.body, EDITABLE));
  await user.save();
  res.json(publicUser(user));
};

router.post("/sign-in", exports.signIn);
exports.router = router;
